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
--> a <- s.src.a identity
--> writes s.t
--> reads s.src

-- ## dynamic SQL is said
-- dialect: tsql
exec sp_executesql @sql
--> problem unsupported

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
