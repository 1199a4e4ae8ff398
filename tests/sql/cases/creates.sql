CREATE, DROP, ALTER.

-- ## CREATE TABLE AS
-- dialect: none, postgres, redshift, snowflake, bigquery, databricks, spark, hive, trino, mysql, oracle, duckdb, clickhouse, sqlite
create table s.t as select a as x, b + 1 as y from s.src where c > 0
--> s.t.x <- s.src.a identity
--> s.t.y <- s.src.b transformation
--> s.t <- s.src.c filter
--> reads s.src
--> writes s.t
--> kind create_table_as

-- ## CREATE OR REPLACE TABLE AS
-- dialect: snowflake, bigquery, databricks, duckdb
create or replace table s.t as select a from s.src
--> s.t.a <- s.src.a identity

-- ## CREATE TABLE AS with WITH DATA
-- dialect: teradata
create table s.t as (select a from s.src) with data
--> s.t.a <- s.src.a identity

-- ## CREATE TABLE AS WITH NO DATA copies no value
-- dialect: postgres, teradata
create table s.t as (select a from s.src) with no data
--> writes s.t

-- ## CREATE TABLE with a column list AS
-- dialect: postgres, oracle, redshift
create table s.t (x, y) as select a, b from s.src
--> s.t.x <- s.src.a identity
--> s.t.y <- s.src.b identity

-- ## CREATE TABLE AS with a CTE
-- dialect: postgres, snowflake, bigquery, spark, duckdb
create table s.t as with c as (select a from s.src) select a as x from c
--> s.t.x <- s.src.a identity

-- ## CREATE VIEW
-- dialect: none, postgres, redshift, snowflake, bigquery, databricks, spark, hive, trino, tsql, mysql, oracle, duckdb, clickhouse, teradata, sqlite
create view s.v as select a as x from s.src
--> s.v.x <- s.src.a identity
--> kind create_view

-- ## a view's column list renames by position
-- dialect: none, postgres, redshift, snowflake, bigquery, databricks, spark, tsql, mysql, oracle, duckdb, teradata, sqlite
create view s.v (x, y) as select b, a from s.src
--> s.v.x <- s.src.b identity
--> s.v.y <- s.src.a identity

-- ## a view's column list over a star
-- dialect: postgres, snowflake, tsql
-- given: s.src(a, b)
create view s.v (x, y) as select * from s.src
--> s.v.x <- s.src.a identity star
--> s.v.y <- s.src.b identity star

-- ## a view's column list over an unknown star: nobody knows which is which
-- dialect: postgres, snowflake
create view s.v (x, y) as select * from s.src
--> problem star
--> reads s.src
--> writes s.v

-- ## a view's column list with comments
-- dialect: snowflake, databricks
create or replace view s.v (x comment 'first', y comment 'second') as select a, b from s.src
--> s.v.x <- s.src.a identity
--> s.v.y <- s.src.b identity

-- ## CREATE OR ALTER VIEW
-- dialect: tsql
create or alter view s.v as select a from s.src
--> s.v.a <- s.src.a identity

-- ## ALTER VIEW AS defines it anew
-- dialect: tsql, mysql, databricks
alter view s.v as select a from s.src
--> s.v.a <- s.src.a identity

-- ## a secure view
-- dialect: snowflake
create or replace secure view s.v copy grants as select a from s.src
--> s.v.a <- s.src.a identity

-- ## a materialized view
-- dialect: postgres, redshift, snowflake, bigquery, oracle, databricks
create materialized view s.v as select a, sum(b) as n from s.src group by a
--> s.v.a <- s.src.a identity
--> s.v.n <- s.src.b aggregation
--> kind create_materialized_view

-- ## a materialized view if it is not there
-- dialect: postgres
create materialized view if not exists s.v as select a from s.src with no data
--> s.v.a <- s.src.a identity

-- ## a materialized view that feeds a table
-- dialect: clickhouse
create materialized view s.v to s.t as select a from s.src
--> s.t.a <- s.src.a identity
--> writes s.t, s.v

-- ## a dynamic table
-- dialect: snowflake
create or replace dynamic table s.t target_lag = '1 minute' warehouse = w as select a from s.src
--> s.t.a <- s.src.a identity

-- ## a recursive view
-- dialect: postgres, teradata
create recursive view s.v (n) as select a from s.src
--> s.v.n <- s.src.a identity

-- ## SELECT INTO
-- dialect: postgres, tsql, redshift
select a as x into s.t from s.src
--> s.t.x <- s.src.a identity
--> writes s.t
--> kind select_into

-- ## CREATE TABLE of declared columns
-- dialect: none, postgres, snowflake, bigquery, tsql, mysql
create table s.t (a int, b varchar(10))
--> writes s.t
--> reads nothing
--> kind create_table
--> problem none

-- ## a declared table is known from then on
-- dialect: postgres, snowflake, mysql, tsql, duckdb
create table s.t (a int, b int); insert into s.t select x, y from s.src
--> s.t.a <- s.src.x identity
--> s.t.b <- s.src.y identity

-- ## CREATE TABLE LIKE copies the columns, no value
-- dialect: mysql, snowflake, databricks, hive
-- given: s.src(a, b)
create table s.t like s.src
--> writes s.t
--> kind create_table_like

-- ## LIKE in the column list
-- dialect: postgres, redshift
-- given: s.src(a, b)
create table s.t (like s.src including all, c int); insert into s.t select x, y, z from s.u
--> s.t.a <- s.u.x identity
--> s.t.b <- s.u.y identity
--> s.t.c <- s.u.z identity

-- ## CLONE copies rows
-- dialect: snowflake, databricks
-- given: s.src(a, b)
create table s.t clone s.src
--> s.t.a <- s.src.a identity star
--> s.t.b <- s.src.b identity star
--> kind clone

-- ## COPY copies rows
-- dialect: bigquery
-- given: s.src(a)
create table s.t copy s.src
--> s.t.a <- s.src.a identity star

-- ## CLONE of an unknown table
-- dialect: snowflake
create table s.t clone s.src
--> reads s.src
--> writes s.t
--> problem star

-- ## DROP
-- dialect: none, postgres, snowflake, bigquery, mysql, tsql, oracle, duckdb
drop table s.t
--> writes s.t
--> kind drop

-- ## DROP of several tables
-- dialect: postgres, mysql, tsql
drop table if exists s.t, s.u
--> writes s.t, s.u

-- ## DROP VIEW
-- dialect: postgres, snowflake, mysql
drop view if exists s.v
--> kind drop

-- ## dropping what is no table
-- dialect: postgres, snowflake
drop function f
--> writes nothing

-- ## RENAME
-- dialect: postgres, snowflake, bigquery, mysql, duckdb, redshift, spark
alter table s.old rename to t
--> kind rename
--> writes s.t

-- ## a rename moves what was written
-- dialect: postgres, redshift, duckdb
create table s.new as select a from s.src; drop table if exists s.t; alter table s.new rename to t
--> s.t.a <- s.src.a identity
--> writes s.t

-- ## RENAME TABLE
-- dialect: mysql, clickhouse
create table s.new as select a from s.src; rename table s.t to s.old, s.new to s.t
--> s.t.a <- s.src.a identity

-- ## a renamed table is known under its new name
-- dialect: postgres, duckdb
create table s.new as select a, b from s.src; alter table s.new rename to t; create table s.u as select * from s.t
--> s.t.a <- s.src.a identity
--> s.t.b <- s.src.b identity
--> s.u.a <- s.t.a identity star
--> s.u.b <- s.t.b identity star

-- ## SWAP exchanges two tables
-- dialect: snowflake
create table s.new as select a from s.src; alter table s.t swap with s.new
--> s.t.a <- s.src.a identity
--> kind create_table_as, swap

-- ## EXCHANGE TABLES
-- dialect: clickhouse
create table s.new as select a from s.src; exchange tables s.t and s.new
--> s.t.a <- s.src.a identity

-- ## ALTER TABLE ADD COLUMN
-- dialect: postgres, snowflake, mysql, duckdb, bigquery
-- given: s.t(a)
alter table s.t add column b int; insert into s.t select x, y from s.src
--> s.t.a <- s.src.x identity
--> s.t.b <- s.src.y identity

-- ## T-SQL adds without the word COLUMN
-- dialect: tsql, oracle
-- given: s.t(a)
alter table s.t add b int; insert into s.t select x, y from s.src
--> s.t.a <- s.src.x identity
--> s.t.b <- s.src.y identity

-- ## ALTER TABLE DROP COLUMN
-- dialect: postgres, snowflake, mysql, tsql, duckdb, bigquery
-- given: s.t(a, b, c)
alter table s.t drop column b; insert into s.t select x, y from s.src
--> s.t.a <- s.src.x identity
--> s.t.c <- s.src.y identity

-- ## ALTER TABLE RENAME COLUMN
-- dialect: postgres, snowflake, mysql, duckdb, bigquery, databricks
-- given: s.t(a, b)
alter table s.t rename column b to z; insert into s.t select x, y from s.src
--> s.t.a <- s.src.x identity
--> s.t.z <- s.src.y identity

-- ## ALTER TABLE SET SCHEMA moves it
-- dialect: postgres
create table s.t as select a from s.src; alter table s.t set schema r
--> r.t.a <- s.src.a identity

-- ## EXCHANGE PARTITION, ATTACH PARTITION: rows change hands
-- dialect: postgres
alter table s.p attach partition s.part for values in (1)
--> writes s.p
--> reads s.part

-- ## CACHE TABLE is temporary
-- dialect: spark
cache table c as select a from s.src; insert into s.t (x) select a from c
--> s.t.x <- s.src.a identity

-- ## REFRESH MATERIALIZED VIEW
-- dialect: postgres, redshift
refresh materialized view s.v
--> writes s.v
--> problem none

-- ## what has no effect on data has no lineage
-- dialect: postgres
grant select on s.t to r; comment on table s.t is 'x'; analyze s.t; vacuum s.t; create index i on s.t (a); create sequence q
--> problem none
--> reads nothing
--> writes nothing

-- ## EXPLAIN does nothing
-- dialect: postgres, mysql, duckdb, spark, trino
explain select a from s.t
--> reads nothing
--> problem none
--> kind explain

-- ## words before VIEW do not hide it
-- dialect: mysql
create sql security invoker view s.v (x) as select a from s.src; alter algorithm = merge definer = `u`@`h` view s.w (y) as select b from s.src
--> s.v.x <- s.src.a identity
--> s.w.y <- s.src.b identity
--> problem none

-- ## ALTER VIEW with a column list
-- dialect: hive, mysql
alter view s.v (x, y) as select a, b from s.src
--> s.v.x <- s.src.a identity
--> s.v.y <- s.src.b identity
--> kind create_view

-- ## ALTER VIEW with options
-- dialect: tsql
alter view s.v with schemabinding as select a from s.src
--> s.v.a <- s.src.a identity
--> problem none

-- ## scoped temporary views
-- dialect: snowflake
create or replace scoped temporary view v as select a from s.src; insert into s.t (x) select a from v
--> s.t.x <- s.src.a identity
--> writes s.t

-- ## CREATE SCHEMA with what it holds
-- dialect: postgres
create schema r create table t (a int, b int) create view v as select a, b + 1 as c from t grant select on t to u; insert into r.t select x, y from s.src
--> r.v.a <- r.t.a identity
--> r.v.c <- r.t.b transformation
--> r.t.a <- s.src.x identity
--> r.t.b <- s.src.y identity
--> kind create_other, create_table, create_view, other, insert
--> problem none
