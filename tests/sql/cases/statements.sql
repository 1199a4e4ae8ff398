Statements of every kind: what each reads and writes, and that no part of one is dropped in silence.

-- ## a query that is not understood is no definition
-- dialect: postgres, snowflake, mysql, bigquery, spark
create table t as selec broken from from r
--> problem unparsed
--> writes nothing

-- ## nor is a tail
-- dialect: none, postgres
create table t (a int) frobnicate with care
--> problem unparsed
--> writes nothing

-- ## a view without a query
-- dialect: none, postgres, snowflake
create view v as nothing at all
--> problem unparsed
--> writes nothing

-- ## tails of other statements
-- dialect: postgres, snowflake
insert into t select a from b where c = 1 blah blah; delete from t where a = b frobnicate; drop table a b c; alter table t blah blah; truncate table t blah
--> problem unparsed
--> writes nothing

-- ## options behind a table's name do not hide its query
-- dialect: oracle
create table s.t tablespace x nologging parallel 4 compress for oltp as select a from s.src
--> s.t.a <- s.src.a identity

-- ## a parameter in the place of a typed literal
-- dialect: postgres
select a from s.t where d < date $3 and e > timestamp with time zone $1 and f < now() - interval $2
--> a <- s.t.a identity
--> problem none

-- ## what holds no rows is created, altered and dropped without a word
-- dialect: postgres
create role r; alter role r password 'x'; drop role r; create extension e; create policy p on s.t using (a = b); drop policy p on s.t; create unique index concurrently i on s.t (lower(a)) where b > 0; drop index concurrently i; create event trigger e on ddl_command_start execute function f(); create aggregate f(int) (sfunc = x, stype = int); drop aggregate f(int); create server s foreign data wrapper w; drop owned by r; alter function f() owner to r; security label on table s.t is 'x'; reassign owned by a to b; alter type t add value 'x'; create trigger g after insert on s.t for each row execute function s.f()
--> problem none
--> writes nothing
--> reads nothing

-- ## the same in Snowflake
-- dialect: snowflake
create warehouse w; create stage s url = 's3://x'; create file format f type = csv; create tag x; alter warehouse w resume; create compute pool p; create masking policy p as (v string) returns string -> case when x then v else '*' end; alter session set x = 1; grant role r to user u; undrop table t; drop warehouse w
--> problem none
--> writes nothing

-- ## ALTER TABLE that moves neither rows nor names
-- dialect: postgres
alter table s.t rename constraint a to b; alter table s.t force row level security; alter table s.t owner to r; alter table only s.t alter column a set default 1; alter table s.t add constraint c primary key (a)
--> problem none
--> writes s.t
--> reads nothing

-- ## policies, clustering and search of a table
-- dialect: snowflake
alter table t add row access policy p on (a); alter table t modify column a set masking policy p; alter table t recluster; alter table t add search optimization; alter dynamic table t suspend; alter external table t refresh
--> problem none
--> writes t

-- ## RENAME a TO b is a column in PostgreSQL, where the table's new name has a TO before it
-- dialect: postgres
-- given: s.t(a, b)
alter table s.t rename b to z; insert into s.t select x, y from s.src
--> s.t.a <- s.src.x identity
--> s.t.z <- s.src.y identity
--> writes s.t

-- ## CHANGE renames a column
-- dialect: mysql, hive
-- given: s.t(a, b)
alter table s.t change b z int; insert into s.t select x, y from s.src
--> s.t.a <- s.src.x identity
--> s.t.z <- s.src.y identity

-- ## mutations
-- dialect: clickhouse
-- given: s.t(a, b, c)
alter table s.t update a = b + 1 where c > 1; alter table s.t delete where a = 0
--> s.t.a <- s.t.b transformation
--> s.t <- s.t.c filter
--> s.t <- s.t.a filter
--> kind update, delete

-- ## ALTER SCHEMA TRANSFER moves a table
-- dialect: tsql
select a into r.t from r.src; alter schema s transfer r.t
--> s.t.a <- r.src.a identity
--> writes s.t

-- ## a model is no table; its query reads
-- dialect: bigquery
create model d.m options (model_type = 'linear_reg') as select a, b from d.t
--> reads d.t
--> writes nothing
--> problem none

-- ## ASSERT reads
-- dialect: bigquery
assert (select count(*) from d.t) > 0 as 'rows'
--> reads d.t
--> problem none

-- ## a stream shows a table's changes
-- dialect: snowflake
-- given: s.t(a, b)
create stream s.st on table s.t; insert into s.u (x) select a from s.st
--> s.st.a <- s.t.a identity star
--> s.st.b <- s.t.b identity star
--> s.u.x <- s.st.a identity
--> reads s.t, s.st

-- ## UNLOAD of a query that is no text
-- dialect: athena
-- given: s.t(a)
unload (select a from s.t) to 's3://x/' with (format = 'PARQUET')
--> reads s.t
--> writes nothing
--> problem none

-- ## DELETE without FROM
-- dialect: bigquery, redshift, tsql, snowflake, oracle
-- given: s.t(a); s.src(a)
delete s.t where a in (select src.a from s.src)
--> reads s.src
--> writes s.t
--> s.t <- s.t.a filter
--> s.t <- s.src.a filter
--> problem none

-- ## a table whose name is put together
-- dialect: snowflake
insert into identifier(:t) select a from s.src; create table identifier($x) as select b from s.src
--> reads s.src
--> writes nothing
--> problem dynamic

-- ## columns with what else may stand in their list
-- dialect: databricks
create or refresh streaming table s.t (x int, constraint c expect (x > 0) on violation drop row) as select a from stream s.src
--> s.t.x <- s.src.a identity
--> problem none

-- ## virtual columns of an external table
-- dialect: snowflake
create external table s.t (d date as to_date(split_part(metadata$filename, '/', 1)), a number(10, 2) as (value:c1::int)) partition by (d) location = @st file_format = (type = parquet); create hybrid table s.u (a int primary key, index i (a)); create event table s.v
--> writes s.t, s.u, s.v
--> problem none

-- ## partitions and constraints
-- dialect: oracle
create table s.t (a number not null, b varchar2(10) default 'x', constraint c primary key (a)) partition by range (a) (partition p values less than (1)); insert into s.t select x, y from s.src
--> s.t.a <- s.src.x identity
--> s.t.b <- s.src.y identity

-- ## a clone of an older version
-- dialect: databricks
-- given: s.src(a)
create or replace table s.t deep clone s.src version as of 1
--> s.t.a <- s.src.a identity star

-- ## APPLY CHANGES goes by name
-- dialect: databricks
-- given: s.src(a, b)
apply changes into s.t from stream(s.src) keys (a) sequence by b
--> s.t.a <- s.src.a identity star
--> s.t.b <- s.src.b identity star

-- ## EXPORT and IMPORT
-- dialect: hive
export table s.t to '/x'; import table s.u from '/y'; insert overwrite directory '/z' select a from s.src
--> reads s.t, s.src
--> writes s.u
--> problem none

-- ## a directory in a format
-- dialect: spark
insert overwrite directory '/x' using parquet options ('a' 'b') select a from s.src
--> reads s.src
--> writes nothing
--> problem none

-- ## TABLE PROPERTIES are no query
-- dialect: redshift
create external table s.t (a int) stored as textfile location 's3://x' table properties ('a' = 'b')
--> writes s.t
--> kind create_table
--> problem none

-- ## parameters of drivers
-- dialect: postgres, mysql, oracle, none
select a from s.t where b = :1 and c in (%s, %(name)s, :2)
--> a <- s.t.a identity
--> problem none

-- ## errors go to a table of their own
-- dialect: oracle
insert into s.t (x) select a from s.src log errors into s.e reject limit unlimited
--> s.t.x <- s.src.a identity
--> problem none

-- ## columns with generation, storage and keys
-- dialect: oracle
create table s.t (a number generated always as identity, b number generated always as (a + 1) virtual, e timestamp with local time zone, constraint k foreign key (b) references s.u (b) on delete cascade enable novalidate) tablespace y lob (c) store as securefile z (enable storage in row); create materialized view log on s.t with primary key
--> writes s.t
--> reads nothing
--> problem none

-- ## RETURNING INTO a variable
-- dialect: oracle
insert into s.t (x) values (1) returning x into v
--> writes s.t
--> problem none

-- ## files are no tables
-- dialect: duckdb
create table t as select * from 'x.csv'; insert into u (x) select a from t; copy s.t from 'y.parquet' (format parquet); select * from 's3://b/z.parquet'
--> u.x <- t.a identity
--> reads t
--> writes t, u, s.t
--> problem none

-- ## COPY whatever its options are
-- dialect: postgres
copy s.t (a) from program 'x' with (format csv) where a > 1; copy (insert into s.u (x) select a from s.src returning x) to stdout
--> s.u.x <- s.src.a identity
--> writes s.t, s.u
--> problem none

-- ## a recursive view reads itself, and that is no table
-- dialect: postgres, teradata
create recursive view s.v (n) as select a from s.src union all select n + 1 from v where n < 10
--> s.v.n <- s.src.a transformation
--> s.v.n <- s.src.a identity
--> reads s.src
--> writes s.v

-- ## what a table is made from must be understood
-- dialect: postgres
create table s.t as execute p(1)
--> problem unsupported

-- ## a partition is like its table
-- dialect: postgres
-- given: s.p(a, b)
create table s.p1 partition of s.p for values from (1) to (10); insert into s.p1 select x, y from s.src
--> s.p1.a <- s.src.x identity
--> s.p1.b <- s.src.y identity

-- ## RETURNING to the client reads nothing
-- dialect: postgres
insert into s.t (x) select a from s.src on conflict (x) do update set y = excluded.y, z = (select max(q) from s.u) returning *
--> s.t.x <- s.src.a identity
--> s.t.z <- s.u.q aggregation
--> reads s.src, s.u
--> problem none

-- ## UPDATE of a ROW
-- dialect: postgres
-- given: s.t(a, b, c, d)
update s.t set (a, b) = row (c, d)
--> s.t.a <- s.t.c identity
--> s.t.b <- s.t.d identity

-- ## MINUS
-- dialect: none, oracle, snowflake, spark
select a from s.t minus select b from s.u
--> a <- s.t.a identity
--> reads s.t, s.u
--> problem none

-- ## ClickHouse: AS copies columns, CLONE AS rows as well
-- dialect: clickhouse
-- given: s.src(a)
create table s.t as s.src engine = MergeTree order by a; create table s.u clone as s.src
--> s.u.a <- s.src.a identity star
--> kind create_table_like, clone

-- ## a dictionary keeps rows of its source
-- dialect: clickhouse
create dictionary s.d (a UInt64, b String) primary key a source(clickhouse(host 'h' db 'q' table 'u')) layout(flat()) lifetime(300)
--> s.d.a <- q.u.a identity
--> s.d.b <- q.u.b identity
--> reads q.u
--> writes s.d

-- ## rows behind the text
-- dialect: clickhouse
insert into s.t format CSV; insert into s.u (a) from infile 'x.csv' format CSV; insert into s.v (a) select b from s.src format Null
--> s.v.a <- s.src.b identity
--> writes s.t, s.u, s.v
--> reads s.src
--> problem none

-- ## renames on a cluster
-- dialect: clickhouse
rename table s.a to s.b, s.c to s.d on cluster x
--> reads s.a, s.c
--> writes s.b, s.d
--> problem none

-- ## columns without a type
-- dialect: sqlite
create table t (a integer primary key autoincrement, c not null, foreign key (a) references u (b)) strict; alter table t add column z; insert into t select x, y, w from src
--> t.a <- src.x identity
--> t.c <- src.y identity
--> t.z <- src.w identity

-- ## IF NOT EXISTS behind a partition
-- dialect: hive
-- given: s.t(a, d)
insert overwrite table s.t partition (d = '1') if not exists select x from s.src
--> s.t.a <- s.src.x identity

-- ## partitions swapped by a function
-- dialect: none
select swap_partitions_between_tables('s.stage', 'min', 'max', 's.t')
--> reads s.stage
--> writes s.t
--> problem none

-- ## several forms at once that the parser does not know
-- dialect: postgres
insert into s.t (x) overriding system value select a from s.src where d < date $1 and e = %s
--> s.t.x <- s.src.a identity
--> problem none
