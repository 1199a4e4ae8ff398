begin;
insert into core.ledger (order_id, amount) select order_id, amount * 1.2 from core.big_orders;
commit;
begin;
insert into core.undone select order_id from raw.orders;
rollback;
do $$ begin perform 1; end $$;
create role reporting login password 'hunter2';
