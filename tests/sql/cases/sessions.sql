What a session remembers: temporary tables, search paths, prepared statements, transactions.

-- ## a temporary table is seen through
-- dialect: postgres, redshift, snowflake, mysql, duckdb, databricks, spark
create temporary table tmp as select a, b + 1 as c from s.src where d > 0; insert into s.t (x, y) select a, c from tmp
--> s.t.x <- s.src.a identity
--> s.t.y <- s.src.b transformation
--> s.t <- s.src.d filter
--> reads s.src
--> writes s.t

-- ## a temporary view is seen through
-- dialect: postgres, spark, databricks, duckdb
create temporary view tmp as select a from s.src; insert into s.t (x) select a from tmp
--> s.t.x <- s.src.a identity
--> writes s.t

-- ## temporary tables upon temporary tables
-- dialect: postgres, snowflake, duckdb
create temp table one as select a from s.src; create temp table two as select a + 1 as b from one; create table s.t as select b from two
--> s.t.b <- s.src.a transformation
--> reads s.src
--> writes s.t

-- ## rows added to a temporary table count as well
-- dialect: postgres, snowflake, mysql, duckdb
create temporary table tmp as select a from s.one; insert into tmp select b from s.two; insert into s.t (x) select a from tmp
--> s.t.x <- s.one.a identity
--> s.t.x <- s.two.b identity
--> reads s.one, s.two

-- ## a declared temporary table is filled by position
-- dialect: postgres, snowflake, mysql
create temporary table tmp (x int, y int); insert into tmp select a, b from s.src; insert into s.t (p, q) select x, y from tmp
--> s.t.p <- s.src.a identity
--> s.t.q <- s.src.b identity
--> reads s.src

-- ## an update of a temporary table adds a source
-- dialect: postgres
create temp table tmp as select id, a from s.one; update tmp set a = u.b from s.two u where u.id = tmp.id; insert into s.t (x) select a from tmp
--> s.t.x <- s.one.a identity
--> s.t.x <- s.two.b identity

-- ## T-SQL's # tables
-- dialect: tsql
select a, b into #tmp from s.src; insert into s.t (x) select a from #tmp
--> s.t.x <- s.src.a identity
--> writes s.t

-- ## T-SQL's # tables, declared
-- dialect: tsql
create table #tmp (x int); insert into #tmp select a from s.src; insert into s.t (y) select x from #tmp
--> s.t.y <- s.src.a identity
--> writes s.t

-- ## a star over a temporary table
-- dialect: postgres, snowflake, duckdb
-- given: s.t(p, q)
create temporary table tmp as select a, b from s.src; insert into s.t select * from tmp
--> s.t.p <- s.src.a identity
--> s.t.q <- s.src.b identity

-- ## a star through a temporary table of an unknown table
-- dialect: postgres, snowflake, duckdb
create temporary table tmp as select * from s.src; insert into s.t (x) select a from tmp
--> s.t.x <- s.src.a identity

-- ## a permanent table is a hop
-- dialect: postgres, snowflake, bigquery, spark
create table s.one as select a from s.src; create table s.two as select a as b from s.one
--> s.one.a <- s.src.a identity
--> s.two.b <- s.one.a identity
--> writes s.one, s.two

-- ## a table that is dropped again is seen through
-- dialect: postgres, snowflake, bigquery, spark, tsql
create table s.tmp as select a, b from s.src; insert into s.t (x) select a + 1 from s.tmp; drop table s.tmp
--> s.t.x <- s.src.a transformation
--> reads s.src
--> writes s.t

-- ## a dropped temporary table is forgotten
-- dialect: postgres, snowflake, duckdb
-- schema: s
create temporary table x as select a from s.src; drop table x; insert into s.t (y) select a from x
--> s.t.y <- s.x.a identity

-- ## a temporary table hides a permanent one of its name
-- dialect: postgres, snowflake, mysql
-- given: s.x(a)
-- schema: s
create temporary table x as select b as a from s.src; insert into s.t (y) select a from x
--> s.t.y <- s.src.b identity

-- ## search_path settles bare names
-- dialect: postgres
-- given: core.t(a); stage.u(b); public.t(c)
set search_path to core, stage, public; insert into u select a from t
--> stage.u.b <- core.t.a identity

-- ## search_path with quotes and an equals sign
-- dialect: postgres, redshift
-- given: core.t(a)
set search_path = 'core'; create table n as select a from t
--> core.n.a <- core.t.a identity

-- ## a bare name that no schema of the path is known to have
-- dialect: postgres
-- path: core, public
select a from t
--> a <- core.t.a identity guessed

-- ## the defaults complete names
-- dialect: postgres, snowflake, tsql, trino, duckdb, redshift
-- database: db
-- schema: s
insert into t (x) select a from r.src
--> db.s.t.x <- db.r.src.a identity

-- ## three parts need no default
-- dialect: postgres, snowflake, tsql, trino, databricks
-- database: db
-- schema: s
insert into t (x) select a from other.r.src
--> db.s.t.x <- other.r.src.a identity

-- ## two-level platforms: the schema is the database
-- dialect: mysql, hive, spark, clickhouse, teradata
-- schema: db
insert into t (x) select a from other.src
--> db.t.x <- other.src.a identity

-- ## USE changes the default
-- dialect: mysql, hive, spark, clickhouse
use db; insert into t (x) select a from src
--> db.t.x <- db.src.a identity

-- ## USE SCHEMA and USE DATABASE
-- dialect: snowflake
use database db; use schema s; insert into t (x) select a from src
--> db.s.t.x <- db.s.src.a identity
--> reads db.s.src

-- ## USE of two parts
-- dialect: snowflake, databricks, trino
use db.s; insert into t (x) select a from src
--> db.s.t.x <- db.s.src.a identity

-- ## USE in T-SQL is a database
-- dialect: tsql
-- database: other
-- schema: dbo
use db; insert into t (x) select a from src
--> db.dbo.t.x <- db.dbo.src.a identity

-- ## ALTER SESSION SET CURRENT_SCHEMA
-- dialect: oracle
alter session set current_schema = s; insert into t (x) select a from src
--> s.t.x <- s.src.a identity

-- ## PREPARE and EXECUTE
-- dialect: postgres
prepare p (text) as insert into s.t (x) select a from s.src where b = $1; execute p('x'); deallocate p; execute p('y')
--> s.t.x <- s.src.a identity
--> kind prepare, execute, other, execute
--> problem unsupported

-- ## a rolled-back transaction leaves nothing
-- dialect: postgres, snowflake, tsql, sqlite, mysql
begin transaction; insert into s.t (x) select a from s.src; rollback
--> writes nothing
--> reads nothing

-- ## a committed one does
-- dialect: postgres, mysql, sqlite
begin; insert into s.t (x) select a from s.src; commit
--> s.t.x <- s.src.a identity

-- ## a table made in a rolled-back transaction is not known after it
-- dialect: postgres, duckdb
begin; create table s.src as select 1 as a, 2 as b; rollback; insert into s.t (x, y) select * from s.src
--> problem star

-- ## what came before the transaction stays
-- dialect: postgres
insert into s.t (x) select a from s.src; begin; insert into s.t (x) select b from s.src; rollback
--> s.t.x <- s.src.a identity

-- ## ROLLBACK TO a savepoint takes back what came after it, and no more
-- dialect: postgres, snowflake, mysql, oracle, sqlite
begin; insert into s.t (x) select a from s.src; savepoint p; insert into s.t (x) select b from s.src; rollback to savepoint p; insert into s.t (x) select c from s.src; commit
--> s.t.x <- s.src.a identity
--> s.t.x <- s.src.c identity
--> problem none

-- ## savepoints within savepoints
-- dialect: postgres
begin; savepoint p; insert into s.t (x) select a from s.src; savepoint q; insert into s.t (x) select b from s.src; release savepoint q; rollback to p; insert into s.u (x) select c from s.src; rollback to q; commit
--> s.u.x <- s.src.c identity
--> writes s.u

-- ## SAVE TRANSACTION
-- dialect: tsql
begin tran; insert into s.t (x) select a from s.src; save transaction p; insert into s.t (x) select b from s.src; rollback transaction p; commit
--> s.t.x <- s.src.a identity
--> problem none

-- ## a procedure call is said to be unknown
-- dialect: postgres, mysql, snowflake, bigquery
call s.p(1, 'x')
--> kind call
--> problem unsupported

-- ## a lonely semicolon, a comment
-- dialect: postgres, mysql
; /* nothing */ ; -- nothing
--> problem none

-- ## a comment before the statement
-- dialect: postgres, snowflake, bigquery
/* {"job": "x"} */ insert into s.t (x) select a from s.src -- done
--> s.t.x <- s.src.a identity

-- ## a temporary table keeps being one when it is renamed
-- dialect: postgres, redshift, duckdb
create temp table tmp as select a from s.src; alter table tmp rename to tmp2; insert into s.t (x) select a from tmp2
--> s.t.x <- s.src.a identity
--> writes s.t

-- ## #t is not t, and ## tables are temporary as well
-- dialect: tsql
-- schema: dbo
select a into #t from s.src; select b into ##u from s.src; insert into s.one (x) select b from t; insert into s.two (x) select a from tempdb..#t; insert into s.three (x) select #1t.b from ##u as #1t
--> s.one.x <- dbo.t.b identity
--> s.two.x <- s.src.a identity
--> s.three.x <- s.src.b identity
--> reads s.src, dbo.t
--> writes s.one, s.two, s.three

-- ## Redshift knows # as well
-- dialect: redshift
create table #stage (like s.t); copy #stage from 's3://x' iam_role 'a'; insert into s.t select * from #stage
--> reads s.t
--> writes s.t
--> problem none

-- ## a temporary table like one whose columns nobody knows
-- dialect: redshift, postgres
begin; create temp table stage (like s.t); delete from s.t using stage where t.id = stage.id; insert into s.t select * from stage; commit
--> writes s.t
--> problem none

-- ## a temporary table that either branch makes holds what both make
-- dialect: tsql
if @mode = 1
begin
  if object_id('tempdb..#t') is not null drop table #t
  create table #t (a int, b int)
  insert into #t select a, b from s.one
end
else
  select a, c as b into #t from s.two
insert into s.t (x, y) select a, b from #t
drop table #t
select z as a into #t from s.three
insert into s.u (x) select a from #t
--> s.t.x <- s.one.a identity
--> s.t.y <- s.one.b identity
--> s.t.x <- s.two.a identity
--> s.t.y <- s.two.c identity
--> s.u.x <- s.three.z identity
--> writes s.t, s.u

-- ## but made twice in a row it holds what was made last
-- dialect: postgres, snowflake, duckdb
create temp table tmp as select a from s.one; drop table tmp; create temp table tmp as select b as a from s.two; insert into s.t (x) select a from tmp
--> s.t.x <- s.two.b identity

-- ## DROP IF EXISTS of what becomes temporary is no write
-- dialect: postgres, redshift, snowflake, duckdb
drop table if exists tmp; create temp table tmp as select a from s.src; insert into s.t (x) select a from tmp
--> s.t.x <- s.src.a identity
--> writes s.t
