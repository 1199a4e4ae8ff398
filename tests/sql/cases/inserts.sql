INSERT and COPY.

-- ## a column list goes by position
-- dialect: none, postgres, redshift, snowflake, bigquery, databricks, spark, trino, tsql, mysql, oracle, duckdb, clickhouse, teradata, sqlite
insert into s.t (x, y) select a, b + 1 from s.src
--> s.t.x <- s.src.a identity
--> s.t.y <- s.src.b transformation
--> reads s.src
--> writes s.t
--> kind insert
--> problem none

-- ## without a list the target's known columns go by position
-- dialect: none, postgres, snowflake, bigquery, spark, hive, tsql, mysql, oracle, duckdb
-- given: s.t(x, y); s.src(a, b)
insert into s.t select a, b from s.src
--> s.t.x <- s.src.a identity
--> s.t.y <- s.src.b identity

-- ## an unknown target takes the query's names, and says so
-- dialect: none, postgres, snowflake, bigquery, spark, hive
insert into s.t select a, b as c from s.src
--> s.t.a <- s.src.a identity guessed
--> s.t.c <- s.src.b identity guessed

-- ## fewer values than columns fill the first ones
-- dialect: postgres, duckdb
-- given: s.t(x, y, z)
insert into s.t select a, b from s.src
--> s.t.x <- s.src.a identity
--> s.t.y <- s.src.b identity

-- ## more values than columns listed: nothing is claimed
-- dialect: postgres, snowflake
insert into s.t (x) select a, b from s.src
--> problem unresolved
--> writes s.t

-- ## VALUES
-- dialect: postgres, snowflake, mysql, tsql, duckdb
insert into s.t (x, y) values (1, 'a'), (2, 'b')
--> writes s.t
--> reads nothing
--> problem none

-- ## VALUES with a subquery
-- dialect: postgres, duckdb, mysql
insert into s.t (x) values ((select max(a) from s.src))
--> s.t.x <- s.src.a aggregation
--> reads s.src

-- ## WITH before INSERT
-- dialect: postgres, tsql, sqlite
with c as (select a, b from s.src) insert into s.t (x, y) select b, a from c
--> s.t.x <- s.src.b identity
--> s.t.y <- s.src.a identity

-- ## WITH after INSERT
-- dialect: postgres, snowflake, mysql, bigquery, trino, duckdb, oracle, redshift
insert into s.t (x) with c as (select a from s.src) select a from c
--> s.t.x <- s.src.a identity

-- ## INSERT of a UNION
-- dialect: postgres, snowflake, spark, mysql
insert into s.t (x) select a from s.one union all select b from s.two
--> s.t.x <- s.one.a identity
--> s.t.x <- s.two.b identity

-- ## filters and joins are influences of the target
-- dialect: postgres, snowflake, tsql
-- given: s.one(id, a); s.two(id, b)
insert into s.t (x) select a from s.one join s.two on one.id = two.id where b > 0
--> s.t.x <- s.one.a identity
--> s.t <- s.one.id join
--> s.t <- s.two.id join
--> s.t <- s.two.b filter

-- ## OVERWRITE replaces all rows
-- dialect: spark, databricks, hive, snowflake
-- given: s.t(x); s.src(a)
insert overwrite table s.t select a from s.src
--> s.t.x <- s.src.a identity

-- ## a static partition column is not in the SELECT
-- dialect: spark, hive, databricks
-- given: s.t(x, y, dt); s.src(a, b)
insert overwrite table s.t partition (dt = '2024-01-01') select a, b from s.src
--> s.t.x <- s.src.a identity
--> s.t.y <- s.src.b identity

-- ## a dynamic partition column is the last of the SELECT
-- dialect: spark, hive
-- given: s.t(x, dt); s.src(a, b)
insert into table s.t partition (dt) select a, b from s.src
--> s.t.x <- s.src.a identity
--> s.t.dt <- s.src.b identity

-- ## ON CONFLICT DO UPDATE takes the row that was to be inserted
-- dialect: postgres, sqlite, duckdb
-- given: s.t(id, n); s.src(a, b)
insert into s.t as g (id, n) select a, b from s.src on conflict (id) do update set n = excluded.n + g.n
--> s.t.id <- s.src.a identity
--> s.t.n <- s.src.b identity
--> s.t.n <- s.src.b transformation
--> s.t.n <- s.t.n transformation

-- ## ON CONFLICT DO NOTHING
-- dialect: postgres, sqlite
insert into s.t (id) select a from s.src on conflict do nothing
--> s.t.id <- s.src.a identity

-- ## ON DUPLICATE KEY UPDATE
-- dialect: mysql
-- given: s.t(id, n)
insert into s.t (id, n) select a, b from s.src on duplicate key update n = values(n), id = id + 1
--> s.t.id <- s.src.a identity
--> s.t.n <- s.src.b identity
--> s.t.id <- s.t.id transformation

-- ## REPLACE INTO is an INSERT
-- dialect: mysql, sqlite
replace into s.t (x) select a from s.src
--> s.t.x <- s.src.a identity

-- ## INSERT .. SET
-- dialect: mysql
insert into s.t set x = 1, y = (select max(a) from s.src)
--> s.t.y <- s.src.a aggregation

-- ## INSERT OR REPLACE
-- dialect: sqlite, duckdb
insert or replace into s.t (x) select a from s.src
--> s.t.x <- s.src.a identity

-- ## INSERT BY NAME
-- dialect: duckdb
-- given: s.t(x, y)
insert into s.t by name select a as y, b as x from s.src
--> s.t.y <- s.src.a identity
--> s.t.x <- s.src.b identity

-- ## RETURNING feeds the next INSERT
-- dialect: postgres
-- given: s.t(id, x); s.log(t_id); s.src(a)
with made as (insert into s.t (x) select a from s.src returning id) insert into s.log (t_id) select id from made
--> s.t.x <- s.src.a identity
--> s.log.t_id <- s.t.id identity
--> writes s.t, s.log

-- ## DELETE RETURNING feeds an INSERT
-- dialect: postgres
-- given: s.t(id, x, at); s.old(id, x, at)
with gone as (delete from s.t where at < now() returning *) insert into s.old (id, x) select id, x from gone
--> s.old.id <- s.t.id identity
--> s.old.x <- s.t.x identity
--> writes s.t, s.old
--> reads s.t

-- ## UPDATE RETURNING feeds an INSERT
-- dialect: postgres
-- given: s.t(id, x); s.src(a, b)
with changed as (update s.t set x = src.b from s.src where src.a = t.id returning t.id) insert into s.log (t_id) select id from changed
--> s.t.x <- s.src.b identity
--> s.log.t_id <- s.t.id identity

-- ## INSERT ALL
-- dialect: snowflake, oracle
-- given: s.one(x); s.two(y); s.src(a, b)
insert all into s.one (x) values (a) into s.two (y) values (b + 1) select a, b from s.src
--> s.one.x <- s.src.a identity
--> s.two.y <- s.src.b transformation
--> writes s.one, s.two

-- ## INSERT FIRST with conditions
-- dialect: snowflake, oracle
-- given: s.one(x); s.two(x); s.src(a, b)
insert first when b > 1 then into s.one (x) values (a) else into s.two (x) values (a) select a, b from s.src
--> s.one.x <- s.src.a identity
--> s.two.x <- s.src.a identity
--> s.one <- s.src.b filter

-- ## INSERT ALL without values takes the query by position
-- dialect: snowflake, oracle
-- given: s.one(x, y); s.src(a, b)
insert all into s.one select a, b from s.src
--> s.one.x <- s.src.a identity
--> s.one.y <- s.src.b identity

-- ## FROM first, then several INSERTs
-- dialect: hive, spark
-- given: s.src(a, b); s.one(x); s.two(y)
from s.src insert into table s.one select a where b > 0 insert into table s.two select b
--> s.one.x <- s.src.a identity
--> s.two.y <- s.src.b identity
--> writes s.one, s.two
--> s.one <- s.src.b filter

-- ## OUTPUT INTO writes a second table
-- dialect: tsql
-- given: s.t(id, x); s.log(t_id)
insert into s.t (x) output inserted.id into s.log select a from s.src
--> s.t.x <- s.src.a identity
--> s.log.t_id <- s.t.id identity
--> writes s.t, s.log

-- ## INSERT .. EXEC cannot be known
-- dialect: tsql
insert into s.t exec s.p
--> writes s.t
--> problem unsupported

-- ## INSERT .. TABLE
-- dialect: postgres, mysql
-- given: s.t(x); s.src(a)
insert into s.t table s.src
--> s.t.x <- s.src.a identity star

-- ## writing to a directory writes no table
-- dialect: hive
insert overwrite directory '/tmp/x' select a from s.src
--> reads s.src
--> writes nothing

-- ## DEFAULT VALUES
-- dialect: postgres, tsql, sqlite
insert into s.t default values
--> writes s.t
--> problem none

-- ## COPY from a file writes
-- dialect: postgres
copy s.t (a, b) from stdin
--> writes s.t
--> reads nothing
--> kind copy_in

-- ## COPY to a file reads
-- dialect: postgres
-- given: s.t(a, b)
copy s.t to '/tmp/x.csv' with (format csv)
--> reads s.t
--> writes nothing
--> kind copy_out

-- ## COPY of a query reads
-- dialect: postgres, duckdb
-- given: s.t(a, b)
copy (select a from s.t) to '/tmp/x.csv'
--> reads s.t
--> writes nothing

-- ## COPY INTO from a stage
-- dialect: snowflake
copy into s.t (a, b) from (select $1, $2 from @s.stage/x) file_format = (type = csv)
--> writes s.t
--> reads nothing

-- ## COPY INTO a stage
-- dialect: snowflake
-- given: s.t(a, b)
copy into @s.stage/x from (select a from s.t)
--> reads s.t
--> writes nothing

-- ## COPY from S3
-- dialect: redshift
copy s.t from 's3://bucket/x' iam_role 'arn' csv
--> writes s.t
--> reads nothing

-- ## UNLOAD reads the query in its text
-- dialect: redshift
-- given: s.t(a)
unload ('select a from s.t') to 's3://bucket/x' iam_role 'arn'
--> reads s.t
--> writes nothing
--> kind copy_out

-- ## EXPORT DATA reads
-- dialect: bigquery
-- given: s.t(a)
export data options (uri = 'gs://x/*') as select a from s.t
--> reads s.t
--> writes nothing

-- ## LOAD DATA writes
-- dialect: hive
load data inpath '/x' into table s.t
--> writes s.t
--> kind copy_in

-- ## LOAD DATA INFILE
-- dialect: mysql
load data infile '/x' into table s.t
--> writes s.t
--> kind copy_in

-- ## ON DUPLICATE KEY UPDATE with an alias of the row
-- dialect: mysql
insert into s.t (id, n) values ((select max(a) from s.src), 2) as new_row on duplicate key update n = new_row.id + 1; insert into s.u (id, n) values (1, (select max(b) from s.src)) as r(p, q) on duplicate key update id = r.q
--> s.t.id <- s.src.a aggregation
--> s.t.n <- s.src.a aggregation
--> s.u.n <- s.src.b aggregation
--> s.u.id <- s.src.b aggregation
--> problem none

-- ## ON DUPLICATE KEY UPDATE may name the query's tables
-- dialect: mysql
insert into t (x, y) select a, b from src on duplicate key update y = src.b + 1
--> t.x <- src.a identity
--> t.y <- src.b identity
--> t.y <- src.b transformation
--> problem none

-- ## REPLACE without INTO, and priorities
-- dialect: mysql
replace t (x) select a from src; insert low_priority into u (x) select b from src
--> t.x <- src.a identity
--> u.x <- src.b identity
--> problem none

-- ## a file in the place of a table
-- dialect: tsql
insert into s.t select * from openrowset(bulk 'x', single_clob) as r
--> writes s.t
--> reads nothing

-- ## variables take an answer
-- dialect: mysql
select a into @x from s.t; prepare p from 'insert into s.u (x) select b from s.t'; execute p
--> s.u.x <- s.t.b identity
--> reads s.t
--> writes s.u
--> problem none

-- ## a table variable that is a parameter, or what a function returns
-- dialect: tsql
create procedure s.p (@y s.tt readonly) as begin insert into s.t (a) select z from @y end
go
create function s.f (@x int) returns @r table (a int) as begin insert @r select b from s.src; return end
--> writes s.t
--> reads s.src
--> problem none

-- ## UNLOAD of a text in dollars
-- dialect: redshift
-- given: s.t(a)
unload ($$ select a from s.t where b = 'x' $$) to 's3://x' iam_role default
--> reads s.t
--> problem none
