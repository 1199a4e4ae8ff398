Forms of one dialect or two, after their references.

-- ## Oracle: storage options before AS
-- dialect: oracle
create table s.t nologging parallel 4 as select /*+ parallel(4) */ a from s.src
--> s.t.a <- s.src.a identity

-- ## Oracle: a materialized view with its options
-- dialect: oracle
create materialized view s.v build immediate refresh fast on commit as select a from s.src
--> s.v.a <- s.src.a identity
--> kind create_materialized_view

-- ## Oracle: MERGE with DELETE WHERE
-- dialect: oracle
merge into s.t q using s.src r on (q.i = r.i) when matched then update set q.a = r.a delete where q.b = 1 when not matched then insert (i) values (r.i)
--> s.t.a <- s.src.a identity
--> s.t.i <- s.src.i identity

-- ## Oracle: a view WITH READ ONLY
-- dialect: oracle
create or replace force view s.v as select a from s.src with read only
--> s.v.a <- s.src.a identity

-- ## Oracle: partitions, FOR UPDATE, FETCH FIRST
-- dialect: oracle
-- given: s.t(a)
select a from s.t partition (p1) order by a fetch first 10 rows only
--> a <- s.t.a identity

-- ## PostgreSQL: temporary tables ON COMMIT DROP
-- dialect: postgres
create temp table tmp on commit drop as select a from s.src; insert into s.t (x) select a from tmp
--> s.t.x <- s.src.a identity

-- ## PostgreSQL: OVERRIDING
-- dialect: postgres
insert into s.t (x) overriding system value select a from s.src
--> s.t.x <- s.src.a identity

-- ## PostgreSQL: a view with options and CHECK OPTION
-- dialect: postgres
create view s.v with (security_barrier = true) as select a from s.src with local check option
--> s.v.a <- s.src.a identity

-- ## PostgreSQL: a table of a table
-- dialect: postgres
-- given: s.src(a, b)
create table s.t as table s.src
--> s.t.a <- s.src.a identity star
--> s.t.b <- s.src.b identity star

-- ## PostgreSQL: ARRAY of a subquery
-- dialect: postgres
-- given: s.t(a); s.u(b)
select array(select b from s.u) as x from s.t
--> x <- s.u.b transformation

-- ## PostgreSQL: FILTER with OVER
-- dialect: postgres, duckdb
-- given: s.t(a, b, c)
select sum(a) filter (where b > 0) over (partition by c) as x from s.t
--> x <- s.t.a aggregation
--> x <- s.t.b conditional
--> x <- s.t.c window

-- ## PostgreSQL: a function among expressions with a set
-- dialect: postgres
-- given: s.t(doc)
select jsonb_array_elements(doc) ->> 'x' as x from s.t
--> x <- s.t.doc transformation

-- ## Redshift: distribution, sort keys, late binding
-- dialect: redshift
create table s.t diststyle key distkey (a) sortkey (b) as select a, b from s.src; create view s.v as select a from s.t with no schema binding
--> s.t.a <- s.src.a identity
--> s.t.b <- s.src.b identity
--> s.v.a <- s.t.a identity

-- ## Redshift: APPEND moves rows
-- dialect: redshift
alter table s.t append from s.stage
--> writes s.t
--> reads s.stage

-- ## Redshift: APPROXIMATE COUNT
-- dialect: redshift
select approximate count(distinct a) as n from s.t
--> n <- s.t.a aggregation

-- ## Databricks: tables with options
-- dialect: databricks
create or replace table s.t using delta partitioned by (a) location '/x' as select a, b from s.src
--> s.t.a <- s.src.a identity
--> s.t.b <- s.src.b identity

-- ## Databricks: streaming and live tables
-- dialect: databricks
create or refresh streaming table s.t as select a from stream(s.src)
--> s.t.a <- s.src.a identity
--> reads s.src

-- ## Databricks: MERGE WITH SCHEMA EVOLUTION
-- dialect: databricks
-- given: s.t(i, a); s.src(i, a)
merge with schema evolution into s.t using s.src on t.i = src.i when matched then update set *
--> s.t.i <- s.src.i identity star
--> s.t.a <- s.src.a identity star

-- ## Databricks: REPLACE WHERE
-- dialect: databricks
insert into s.t replace where a = 1 select a from s.src
--> s.t.a <- s.src.a identity guessed

-- ## Spark and Hive: storage and clustering
-- dialect: spark, hive
create table s.t stored as parquet as select a from s.src cluster by a
--> s.t.a <- s.src.a identity

-- ## Hive: WITH, then FROM, then INSERT
-- dialect: hive
with q as (select a from s.src) from q insert overwrite table s.t select a
--> s.t.a <- s.src.a identity guessed

-- ## Hive: partitions and repairs move nothing
-- dialect: hive
alter table s.t add partition (dt = 'x') location '/x'; msck repair table s.t
--> problem none
--> reads nothing

-- ## Hive: EXCHANGE PARTITION moves rows one way
-- dialect: hive, spark
alter table s.t exchange partition (p = 1) with table s.stage
--> writes s.t
--> reads s.stage

-- ## ClickHouse: WITH an expression
-- dialect: clickhouse
-- given: s.t(b); s.u(a)
with (select max(a) from s.u) as m select b, m from s.t
--> b <- s.t.b identity
--> m <- s.u.a aggregation

-- ## ClickHouse: engines, settings, formats
-- dialect: clickhouse
create table s.t engine = MergeTree order by a as select a from s.src settings max_threads = 1
--> s.t.a <- s.src.a identity

-- ## ClickHouse: a populated materialized view
-- dialect: clickhouse
create materialized view s.v engine = SummingMergeTree order by a populate as select a, sum(b) as n from s.src group by a
--> s.v.a <- s.src.a identity
--> s.v.n <- s.src.b aggregation

-- ## ClickHouse: PREWHERE, LIMIT BY
-- dialect: clickhouse
-- given: s.t(a, b, c)
select a from s.t prewhere b = 1 where c = 2 limit 1 by a
--> a <- s.t.a identity
--> result <- s.t.b filter
--> result <- s.t.c filter

-- ## MySQL: INTO OUTFILE
-- dialect: mysql
select a from s.t into outfile '/tmp/x'
--> a <- s.t.a identity

-- ## MySQL: a view with its definer
-- dialect: mysql
create algorithm = undefined definer = `u`@`%` sql security definer view s.v as select a from s.src
--> s.v.a <- s.src.a identity

-- ## MySQL: UPDATE of a list of tables
-- dialect: mysql
-- given: s.t(i, a); s.u(i, b)
update s.t, s.u set t.a = u.b where t.i = u.i
--> s.t.a <- s.u.b identity
--> writes s.t

-- ## MySQL: the row that was to be inserted has an alias
-- dialect: mysql
-- given: s.t(a, b); s.src(x, y)
insert into s.t (a, b) select x, y from s.src on duplicate key update b = values(b) + 1
--> s.t.a <- s.src.x identity
--> s.t.b <- s.src.y identity
--> s.t.b <- s.src.y transformation

-- ## Teradata: SEL, INS, DEL
-- dialect: teradata
ins into s.t (x) sel a from s.src
--> s.t.x <- s.src.a identity

-- ## Teradata: titles, formats and names
-- dialect: teradata
select a (title 'A'), b (format 'X'), c (named d) from s.t
--> a <- s.t.a identity
--> b <- s.t.b identity
--> d <- s.t.c identity

-- ## Teradata: LOCKING
-- dialect: teradata
locking row for access select a from s.t
--> a <- s.t.a identity

-- ## Teradata: FROM before SET
-- dialect: teradata
-- given: s.t(i, a); s.src(i, b)
update s.t from s.src set a = src.b where t.i = src.i
--> s.t.a <- s.src.b identity

-- ## Teradata: volatile tables
-- dialect: teradata
create volatile table v as (select a from s.src) with data on commit preserve rows; insert into s.t (x) select a from v
--> s.t.x <- s.src.a identity

-- ## Teradata: REPLACE VIEW
-- dialect: teradata
replace view s.v as select a from s.src
--> s.v.a <- s.src.a identity

-- ## SQLite: UPDATE OR IGNORE
-- dialect: sqlite
update or ignore s.t set a = b
--> s.t.a <- s.t.b identity

-- ## Trino: tables with properties, ROW
-- dialect: trino
create table s.t with (format = 'orc') as select row(a, b) as r from s.src
--> s.t.r <- s.src.a transformation
--> s.t.r <- s.src.b transformation

-- ## DuckDB: FROM first in CREATE TABLE, structs, lists
-- dialect: duckdb
create or replace table s.t as from s.src select {'x': a} as st, [b, c] as l
--> s.t.st <- s.src.a transformation
--> s.t.l <- s.src.b transformation
--> s.t.l <- s.src.c transformation

-- ## DuckDB: PIVOT as a statement
-- dialect: duckdb
-- given: s.t(g, k, v)
pivot s.t on k in ('x', 'y') using sum(v) group by g
--> g <- s.t.g identity
--> x <- s.t.v aggregation
--> y <- s.t.v aggregation
--> result <- s.t.g group_by
--> result <- s.t.k group_by

-- ## DuckDB: UNPIVOT as a statement
-- dialect: duckdb
-- given: s.t(g, a, b)
unpivot s.t on a, b into name n value v
--> g <- s.t.g identity star
--> v <- s.t.a identity
--> v <- s.t.b identity

-- ## Python's named parameters
-- dialect: none, postgres
select a from s.t where b = %(x)s
--> a <- s.t.a identity
--> result <- s.t.b filter

-- ## fields of a format string
-- dialect: none
select a from {table}
--> problem dynamic

-- ## UPSERT
-- dialect: none
upsert into s.t (x) select a from s.src
--> s.t.x <- s.src.a identity

-- ## no dialect: names in backticks
-- dialect: none
select `a`.`x`, b.`y z` from `db`.`t` a join u b on a.id = b.id
--> x <- db.t.x identity
--> "y z" <- u."y z" identity

-- ## no dialect: names in brackets
-- dialect: none
select [a].[x], b.c from [db].[dbo].[t] as [a] join u b on a.id = b.id
--> x <- db.dbo.t.x identity
--> c <- u.c identity

-- ## no dialect: TOP, APPLY
-- dialect: none
select top 10 a.x, c.y from ta a cross apply (select top 1 y from tb where tb.id = a.id) c
--> x <- ta.x identity
--> y <- tb.y identity

-- ## no dialect: paths into JSON, FLATTEN
-- dialect: none
select v:a.b::string as x, f.value:z as y from src, lateral flatten(input => src.arr) f
--> x <- src.v transformation
--> y <- src.arr transformation

-- ## no dialect: ON DUPLICATE KEY
-- dialect: none
insert into t (a, b) select c, d from s on duplicate key update b = values(b)
--> t.a <- s.c identity
--> t.b <- s.d identity

-- ## no dialect: a comment and an escaped quote of MySQL
-- dialect: none
select a, 'it\'s' as b from t # the end
--> a <- t.a identity

-- ## no dialect: what no dialect reads
-- dialect: none
select a from from t where (
--> problem unparsed

-- ## no dialect: an array with the place of its elements
-- dialect: none
select a, x.y, x from t, unnest(arr) as x with offset as o
--> a <- t.a identity
--> y <- t.arr transformation over_approximate
--> x <- t.arr transformation

-- ## parameters by number
-- dialect: none, postgres, snowflake
select a from t where b = $1
--> a <- t.a identity

-- ## Spark and Hive: what Databricks had first
-- dialect: spark, hive
select a, v:x.y as p from s.t qualify row_number() over (partition by a order by b) = 1
--> a <- s.t.a identity
--> p <- s.t.v transformation
