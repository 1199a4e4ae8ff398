-- what is there
\set ON_ERROR_STOP on
create table raw.orders (order_id bigint not null, customer_ref text, amount numeric(10, 2));
create table if not exists raw.customers (customer_id bigint, email text);
COPY raw.orders (order_id, customer_ref, amount) FROM stdin;
1	a;b	10
2	\N	11
\.
\i more.sql

create view core.big_orders as
select o.*, 'big' as size -- a literal of code is kept
from raw.orders o
where o.amount > 100;
