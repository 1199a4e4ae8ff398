Procedures, functions, blocks and batches: bodies statement by statement, control flow not followed.

-- ## a T-SQL procedure's body
-- dialect: tsql
create procedure dbo.p @from date as begin set nocount on; select a, b into #t from s.src where d > @from; insert into s.t (x, y) select a, b from #t; end
--> s.t.x <- s.src.a identity
--> s.t.y <- s.src.b identity
--> s.t <- s.src.d filter
--> writes s.t
--> reads s.src

-- ## a T-SQL procedure without semicolons
-- dialect: tsql
create or alter proc dbo.p as
begin try
  truncate table s.t
  insert into s.t (x)
  select a from s.src
  if @@rowcount > 0
    update s.t set y = s2.b from s.t t join s.src s2 on s2.a = t.x
  else
    delete from s.t
end try
begin catch
  throw
end catch
--> s.t.x <- s.src.a identity
--> s.t.y <- s.src.b identity
--> problem none

-- ## a T-SQL batch without semicolons
-- dialect: tsql
declare @d date = getdate()
select a into #one from s.src where d < @d
insert into s.t (x) select a from #one
drop table #one
--> s.t.x <- s.src.a identity
--> writes s.t

-- ## GO parts batches
-- dialect: tsql
create table s.t (x int)
go
insert into s.t select a from s.src
go
--> s.t.x <- s.src.a identity

-- ## WITH after a statement without a semicolon, and MERGE's branches
-- dialect: tsql
update s.t set x = 1 where y in (select b from s.u)
;with c as (select id, a from s.src)
merge into s.t as q using c on q.id = c.id
when matched then update set x = c.a
when not matched then insert (id, x) values (c.id, c.a);
--> s.t.x <- s.src.a identity
--> s.t.id <- s.src.id identity

-- ## a cursor's query is read
-- dialect: tsql
declare c cursor for select a from s.src
open c
fetch next from c into @x
insert into s.t (x) values (@x)
close c
deallocate c
--> writes s.t
--> reads s.src

-- ## dynamic SQL is said
-- dialect: tsql
exec sp_executesql @sql
--> problem dynamic

-- ## a procedure that is called later in the text
-- dialect: tsql
create procedure dbo.p as insert into s.t (x) select a from s.src
go
exec dbo.p
--> s.t.x <- s.src.a identity
--> problem none

-- ## PL/pgSQL
-- dialect: postgres
create or replace procedure s.p(limit_ int) language plpgsql as $$
declare
  total numeric;
begin
  select sum(a) into total from s.src;
  insert into s.t (x, y) select b, total from s.src where b > limit_;
  for r in select c from s.u loop
    update s.t set z = q.c from s.u q where q.id = s.t.id;
  end loop;
  perform s.f();
exception when others then null;
end
$$
--> s.t.x <- s.src.b identity
--> s.t.z <- s.u.c identity
--> writes s.t
--> reads s.src, s.u

-- ## dynamic SQL in PL/pgSQL
-- dialect: postgres
do $$ begin execute 'insert into ' || quote_ident(name) || ' select 1'; end $$
--> problem dynamic

-- ## an anonymous block
-- dialect: postgres
do $$ begin insert into s.t (x) select a from s.src; end $$
--> s.t.x <- s.src.a identity

-- ## a SQL function reads
-- dialect: postgres
create function s.f() returns table (x int) language sql as $$ select a from s.src $$
--> reads s.src
--> writes nothing

-- ## BEGIN ATOMIC and RETURN
-- dialect: postgres
create function s.f() returns int language sql begin atomic select a from s.src; end
--> reads s.src

-- ## Snowflake Scripting in a text
-- dialect: snowflake
create or replace procedure s.p(d date) returns string language sql as
$$
declare n int default 0;
begin
  create or replace temporary table tmp as select a from s.src where dt = :d;
  insert into s.t (x) select a from tmp;
  return 'ok';
end
$$
--> s.t.x <- s.src.a identity
--> writes s.t

-- ## Snowflake Scripting without quotes
-- dialect: snowflake
create or replace procedure s.p() returns int language sql as
begin
  insert into s.t (x) select a from s.src;
  update s.t set y = 1;
  return 1;
end
--> s.t.x <- s.src.a identity
--> writes s.t

-- ## a Snowflake block
-- dialect: snowflake
execute immediate $$
begin
  insert into s.t (x) select a from s.src;
end
$$
--> s.t.x <- s.src.a identity

-- ## JavaScript is not read
-- dialect: snowflake
create procedure s.p() returns string language javascript as $$ return snowflake.execute({sqlText: "x"}); $$
--> writes nothing
--> problem unsupported

-- ## BigQuery scripting
-- dialect: bigquery
declare d date default current_date();
begin
  create temp table tmp as select a from s.src;
  insert into s.t (x) select a from tmp where true;
exception when error then
  select 1;
end;
--> s.t.x <- s.src.a identity
--> writes s.t

-- ## a BigQuery procedure
-- dialect: bigquery
create or replace procedure s.p(in d date)
begin
  delete from s.t where dt = d;
  insert into s.t (x, dt) select a, d from s.src;
end
--> s.t.x <- s.src.a identity
--> writes s.t

-- ## IF in BigQuery scripting
-- dialect: bigquery
if (select count(*) from s.u) > 0 then insert into s.t (x) select a from s.src; end if;
--> s.t.x <- s.src.a identity

-- ## Oracle PL/SQL
-- dialect: oracle
create or replace procedure s.p (d in date) is
  n number;
begin
  select count(*) into n from s.u;
  insert into s.t (x) select a from s.src where dt = d;
  commit;
end;
--> s.t.x <- s.src.a identity
--> writes s.t
--> reads s.u, s.src

-- ## an Oracle block
-- dialect: oracle
begin
  merge into s.t q using s.src r on (q.id = r.id) when matched then update set q.x = r.a;
  insert into s.log (y) select b from s.src;
end;
--> s.t.x <- s.src.a identity
--> s.log.y <- s.src.b identity

-- ## EXECUTE IMMEDIATE of a constant
-- dialect: oracle
begin execute immediate 'truncate table s.t'; insert into s.t (x) select a from s.src; end;
--> s.t.x <- s.src.a identity

-- ## a MySQL procedure
-- dialect: mysql
create procedure p(in d date)
begin
  declare n int;
  create temporary table tmp as select a from s.src where dt = d;
  insert into s.t (x) select a from tmp;
  if n > 0 then delete from s.t; end if;
end
--> s.t.x <- s.src.a identity
--> writes s.t

-- ## a trigger
-- dialect: mysql
create trigger g after insert on s.t for each row insert into s.log (x) select a from s.src
--> s.log.x <- s.src.a identity

-- ## Teradata's REPLACE PROCEDURE
-- dialect: teradata
replace procedure s.p() begin insert into s.t (x) select a from s.src; end
--> s.t.x <- s.src.a identity

-- ## a constant text that is run
-- dialect: tsql
exec sp_executesql N'insert into s.t (x) select a from s.src where b = @p', N'@p int', @p = 1; exec('insert into s.u (x) select b from s.src')
--> s.t.x <- s.src.a identity
--> s.u.x <- s.src.b identity
--> problem none

-- ## INSERT .. EXEC of a known procedure takes the rows of its last query
-- dialect: tsql
create procedure dbo.p as select a, b into #t from s.src; select a, b from #t
go
insert into s.t (x, y) exec dbo.p
--> s.t.x <- s.src.a identity
--> s.t.y <- s.src.b identity
--> reads s.src
--> writes s.t
--> problem none

-- ## a trigger's rows are the table's
-- dialect: mysql
create trigger g after update on s.t for each row begin insert into s.log (x, y) values (old.a, new.b); end
--> s.log.x <- s.t.a identity
--> s.log.y <- s.t.b identity
--> writes s.log
--> problem none

-- ## with a colon, a condition and declarations
-- dialect: oracle
create or replace trigger g before insert or update of a on s.t for each row when (new.a > 1) declare n number; begin select max(q) into n from s.u; insert into s.log (x) values (:new.a); end;
/
insert into s.v (x) select c from s.src
--> s.log.x <- s.t.a identity
--> s.v.x <- s.src.c identity
--> reads s.u, s.src

-- ## INSERTED and DELETED
-- dialect: tsql
create trigger g on s.t after insert as begin insert into s.log (x) select a from inserted; update u set y = d.b from s.u u join deleted d on d.i = u.i end
--> s.log.x <- s.t.a identity
--> s.u.y <- s.t.b identity
--> reads s.t, s.u
--> writes s.log, s.u

-- ## a body of one statement without BEGIN
-- dialect: mysql
create definer=`r`@`h` procedure p(in x int) comment 'x' modifies sql data insert into s.t (x) select a from s.src; insert into s.u (x) select b from s.src
--> s.t.x <- s.src.a identity
--> s.u.x <- s.src.b identity
--> kind create_procedure, insert, insert
--> problem none

-- ## an event runs its statement
-- dialect: mysql
create event e on schedule every 1 day do insert into s.t (x) select a from s.src
--> s.t.x <- s.src.a identity

-- ## rules
-- dialect: postgres
create rule r as on insert to s.v do instead insert into s.t (a) select b from s.src; create rule q as on update to s.v do also (insert into s.u (a) select c from s.src; delete from s.w); create rule n as on delete to s.v do nothing
--> s.t.a <- s.src.b identity
--> s.u.a <- s.src.c identity
--> writes s.t, s.u, s.w
--> problem none

-- ## pipes and alerts
-- dialect: snowflake
create pipe p auto_ingest = true as copy into s.t from (select $1 from @s.st); create alert a warehouse = w schedule = '1 minute' if (exists (select 1 from s.q)) then insert into s.u (x) select a from s.src
--> s.u.x <- s.src.a identity
--> writes s.t, s.u
--> problem none

-- ## the rows of a loop's query
-- dialect: oracle
declare cursor c is select y, z from s.two; begin for r in (select y from s.one) loop insert into s.t (x) values (r.y); end loop; for q in c loop update s.u set f = q.z where g = q.y; end loop; for i in 1..10 loop insert into s.v (i) values (i); end loop; end;
--> s.t.x <- s.one.y identity
--> s.u.f <- s.two.z identity
--> reads s.one, s.two
--> problem none

-- ## the same in PL/pgSQL, Snowflake and BigQuery
-- dialect: postgres
do $$ declare r record; begin for r in select a, b + 1 as c from s.src loop insert into s.t (x) values (r.c); end loop; end $$
--> s.t.x <- s.src.b transformation

-- ## a cursor of Snowflake Scripting
-- dialect: snowflake
create procedure p() returns int language sql as declare c cursor for select a from s.src; begin for r in c do insert into s.t (x) values (r.a); end for; return 1; end
--> s.t.x <- s.src.a identity

-- ## FOR IN of BigQuery, and other control flow
-- dialect: bigquery
for r in (select a, b as c from d.s) do insert into d.t (x) values (r.a); insert into d.u (y) values (r.c); end for; while true do insert into d.t (x) select e from d.s; break; end while; repeat insert into d.t (x) select f from d.s; until true end repeat; case when exists (select 1 from d.q) then insert into d.v (x) select g from d.s; else insert into d.w (x) select h from d.s; end case
--> d.t.x <- d.s.a identity
--> d.u.y <- d.s.b identity
--> d.t.x <- d.s.e identity
--> d.t.x <- d.s.f identity
--> d.v.x <- d.s.g identity
--> d.w.x <- d.s.h identity
--> problem none

-- ## queries that fill variables read
-- dialect: tsql
declare @x int = (select max(a) from s.one), @y int; set @y = (select min(b) from s.two); if @x > @y insert into s.t (q) select w from s.src where w > @x
--> s.t.q <- s.src.w identity
--> reads s.one, s.two, s.src
--> problem none

-- ## the same in Snowflake, and a procedure of one call
-- dialect: snowflake
set x = (select max(a) from s.one); with p as procedure () returns int language sql as $$ begin insert into s.t (x) select a from s.src; return 1; end $$ call p()
--> s.t.x <- s.src.a identity
--> reads s.one, s.src
--> problem none

-- ## binds, arrays, cursors and inner parameters of PL/SQL
-- dialect: oracle
create or replace package body s.p as
  cursor c is select a from s.src;
  procedure q (x in out number) is
  begin
    update s.t set a = x where current of c;
    forall i in 1..l.count insert into s.u (y) values (l(i));
    execute immediate 'insert into s.v (z) select b from s.src where b = :1' using x;
  end q;
end p;
--> s.v.z <- s.src.b identity
--> writes s.t, s.u, s.v
--> problem none

-- ## statements whose results are assigned
-- dialect: snowflake
create procedure p() returns table() language sql as
$$
declare
  rs resultset default (select a from s.one);
  c cursor for select x from s.two;
begin
  let r2 resultset := (select d from s.three);
  rs := (insert into s.t (x) select e from s.four);
  for q in r2 do insert into s.u (y) values (q.d); end for;
  for w in c do insert into s.v (z) values (w.x); end for;
  return table(rs);
end
$$
--> s.t.x <- s.four.e identity
--> s.u.y <- s.three.d identity
--> s.v.z <- s.two.x identity
--> reads s.one, s.two, s.three, s.four
--> problem none

-- ## a default that is a query
-- dialect: bigquery
declare x int64 default (select max(a) from d.src); insert into d.t (y) select b from d.u where c > x
--> d.t.y <- d.u.b identity
--> reads d.src, d.u
--> problem none
