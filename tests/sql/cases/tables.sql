Table functions, arrays, PIVOT and UNPIVOT, samples and other FROM items.

-- ## UNNEST of a column
-- dialect: postgres, duckdb, trino
-- given: s.t(id, arr)
select t.id, u.x from s.t t cross join unnest(t.arr) as u(x)
--> id <- s.t.id identity
--> x <- s.t.arr transformation

-- ## BigQuery names the element
-- dialect: bigquery
-- given: s.t(id, arr)
select id, x from s.t, unnest(arr) as x
--> id <- s.t.id identity
--> x <- s.t.arr transformation

-- ## fields of an unnested element
-- dialect: bigquery
-- given: s.t(id, items)
select id, i.price from s.t, unnest(items) as i
--> id <- s.t.id identity
--> price <- s.t.items transformation over_approximate

-- ## an array of the row before, by name
-- dialect: bigquery
-- given: s.t(id, items)
select t.id, i.price from s.t as t, t.items as i
--> id <- s.t.id identity
--> price <- s.t.items transformation over_approximate

-- ## WITH OFFSET
-- dialect: bigquery
-- given: s.t(id, arr)
select id, x, pos from s.t, unnest(arr) as x with offset as pos
--> id <- s.t.id identity
--> x <- s.t.arr transformation
--> pos <- s.t.arr transformation

-- ## WITH ORDINALITY
-- dialect: postgres, trino
-- given: s.t(id, arr)
select u.x, u.n from s.t cross join unnest(arr) with ordinality as u(x, n)
--> x <- s.t.arr transformation
--> n <- s.t.arr transformation

-- ## FLATTEN
-- dialect: snowflake
-- given: s.t(id, v)
select t.id, f.value:name::string as n, f.index from s.t t, lateral flatten(input => t.v:items) f
--> id <- s.t.id identity
--> n <- s.t.v transformation
--> index <- s.t.v transformation

-- ## TABLE(FLATTEN())
-- dialect: snowflake
-- given: s.t(id, v)
select id, value from s.t, table(flatten(v))
--> id <- s.t.id identity
--> value <- s.t.v transformation

-- ## LATERAL VIEW EXPLODE
-- dialect: spark, hive, databricks
-- given: s.t(id, arr)
select id, x from s.t lateral view explode(arr) e as x
--> id <- s.t.id identity
--> x <- s.t.arr transformation

-- ## LATERAL VIEW of a map
-- dialect: spark, hive
-- given: s.t(id, m)
select id, e.k, v from s.t lateral view outer explode(m) e as k, v
--> id <- s.t.id identity
--> k <- s.t.m transformation
--> v <- s.t.m transformation

-- ## EXPLODE in the SELECT list
-- dialect: spark, databricks
-- given: s.t(id, arr)
select id, explode(arr) as x from s.t
--> id <- s.t.id identity
--> x <- s.t.arr transformation

-- ## several columns of one expression
-- dialect: spark, hive
-- given: s.t(m)
select stack(2, m, 1) as (k, v) from s.t
--> k <- s.t.m transformation
--> v <- s.t.m transformation

-- ## ARRAY JOIN
-- dialect: clickhouse
-- given: s.t(id, arr)
select id, x from s.t array join arr as x
--> id <- s.t.id identity
--> x <- s.t.arr transformation

-- ## generate_series has no source of its own
-- dialect: postgres, duckdb
-- given: s.t(a)
select g.n, t.a from generate_series(1, 10) as g(n) cross join s.t
--> a <- s.t.a identity

-- ## a function's column under its alias
-- dialect: postgres
select d from generate_series(date '2024-01-01', now(), interval '1 day') as d
--> problem none

-- ## a function's arguments reach its columns
-- dialect: postgres
-- given: s.t(doc)
select r.x from s.t, json_to_recordset(doc) as r(x int, y text)
--> x <- s.t.doc transformation

-- ## a function in FROM without a column list
-- dialect: postgres, snowflake, duckdb
-- given: s.t(doc)
select f.x from s.t, lateral some_function(doc) as f
--> x <- s.t.doc transformation over_approximate

-- ## OPENJSON WITH
-- dialect: tsql
-- given: s.t(doc)
select j.x from s.t cross apply openjson(doc) with (x int '$.x') as j
--> x <- s.t.doc transformation

-- ## STRING_SPLIT
-- dialect: tsql
-- given: s.t(id, tags)
select id, value from s.t cross apply string_split(tags, ',')
--> id <- s.t.id identity
--> value <- s.t.tags transformation

-- ## JSON_TABLE
-- dialect: mysql, oracle
-- given: s.t(doc)
select j.x from s.t, json_table(doc, '$[*]' columns (x int path '$.x')) as j
--> x <- s.t.doc transformation

-- ## XMLTABLE
-- dialect: postgres, oracle
-- given: s.t(doc)
select x.a from s.t, xmltable('/r' passing doc columns a int path 'a') x
--> a <- s.t.doc transformation

-- ## PIVOT: the aggregate is the value, rows are grouped by what is kept and by the column looked at
-- dialect: snowflake, bigquery, databricks, tsql, oracle, spark
-- given: s.t(id, kind, amount)
select * from (select id, kind, amount from s.t) q pivot (sum(amount) for kind in ('a' as a, 'b' as b)) p
--> id <- s.t.id identity
--> a <- s.t.amount aggregation
--> b <- s.t.amount aggregation
--> result <- s.t.id group_by
--> result <- s.t.kind group_by

-- ## PIVOT in T-SQL
-- dialect: tsql
-- given: s.t(id, kind, amount)
select id, [a], [b] from s.t pivot (sum(amount) for kind in ([a], [b])) as p
--> id <- s.t.id identity
--> a <- s.t.amount aggregation
--> b <- s.t.amount aggregation
--> result <- s.t.id group_by
--> result <- s.t.kind group_by

-- ## UNPIVOT: each column listed is a source of the value
-- dialect: snowflake, bigquery, tsql, databricks, oracle
-- given: s.t(id, x, y)
select id, n, v from s.t unpivot (v for n in (x, y)) u
--> id <- s.t.id identity
--> v <- s.t.x identity
--> v <- s.t.y identity

-- ## PIVOT as a statement
-- dialect: duckdb
-- given: s.t(id, kind, amount)
from (pivot s.t on kind in ('a', 'b') using sum(amount) group by id) select id, a
--> id <- s.t.id identity
--> a <- s.t.amount aggregation
--> result <- s.t.id group_by
--> result <- s.t.kind group_by

-- ## a PIVOT whose names only the data tells
-- dialect: snowflake
select * from (select id, kind, amount from s.t) pivot (sum(amount) for kind in (any order by kind))
--> id <- s.t.id identity
--> problem star

-- ## a column of such a PIVOT
-- dialect: snowflake
select id, "'a'" as a from (select id, kind, amount from s.t) pivot (sum(amount) for kind in (any order by kind))
--> id <- s.t.id identity
--> a <- s.t.amount aggregation over_approximate

-- ## Oracle names a column of PIVOT by the literal, quotes and all
-- dialect: oracle
select id, "'a'" as x, b_total from (select id, kind, amount from s.t) pivot (sum(amount) as total for kind in ('b' as b)),
  (select 1 as one from dual)
--> id <- s.t.id identity
--> b_total <- s.t.amount aggregation
--> problem unresolved

-- ## Oracle: a literal without an alias
-- dialect: oracle
select id, "'a'" as x from (select id, kind, amount from s.t) pivot (sum(amount) for kind in ('a', 'b'))
--> id <- s.t.id identity
--> x <- s.t.amount aggregation

-- ## UNPIVOT of several columns goes by position
-- dialect: bigquery, databricks, spark, oracle
-- given: s.t(id, a, b, c, d)
select * from s.t unpivot ((v, w) for n in ((a, b) as 'x', (c, d) as 'y'))
--> id <- s.t.id identity star
--> v <- s.t.a identity
--> v <- s.t.c identity
--> w <- s.t.b identity
--> w <- s.t.d identity

-- ## the columns that UNPIVOT takes are gone
-- dialect: snowflake, bigquery
select id, n, v from s.t unpivot (v for n in (a, b))
--> id <- s.t.id identity
--> v <- s.t.a identity
--> v <- s.t.b identity

-- ## VALUES in FROM without names
-- dialect: sqlite, duckdb
with recursive c (x) as (values (1) union all select x + 1 from c where x < 5) select c.x, s.a from c, s.t as s
--> a <- s.t.a identity

-- ## TABLESAMPLE
-- dialect: postgres, snowflake, bigquery, spark, tsql, duckdb
-- given: s.t(a)
select a from s.t tablesample system (10)
--> a <- s.t.a identity

-- ## time travel
-- dialect: snowflake
-- given: s.t(a)
select a from s.t at (timestamp => '2024-01-01'::timestamp)
--> a <- s.t.a identity

-- ## time travel by version
-- dialect: databricks, spark
-- given: s.t(a)
select a from s.t version as of 3
--> a <- s.t.a identity

-- ## FOR SYSTEM_TIME
-- dialect: bigquery, tsql
-- given: s.t(a)
select a from s.t for system_time as of '2024-01-01'
--> a <- s.t.a identity

-- ## table hints
-- dialect: tsql
-- given: s.t(a)
select a from s.t with (nolock)
--> a <- s.t.a identity

-- ## FINAL
-- dialect: clickhouse
-- given: s.t(a)
select a from s.t final
--> a <- s.t.a identity

-- ## ONLY
-- dialect: postgres
-- given: s.t(a)
select a from only s.t
--> a <- s.t.a identity

-- ## files are no tables
-- dialect: duckdb
-- given: s.t(a)
select f.x, t.a from read_parquet('x.parquet') f, s.t t
--> a <- s.t.a identity

-- ## a stage is no table
-- dialect: snowflake
select $1, $2 from @s.stage/file.csv
--> reads nothing

-- ## MATCH_RECOGNIZE is said, or its measures are known
-- dialect: snowflake, oracle, trino
-- given: s.t(id, price, ts)
select * from s.t match_recognize (partition by id order by ts measures last(up.price) as top pattern (up+) define up as up.price > 1) m
--> id <- s.t.id identity
--> top <- s.t.price aggregation

-- ## CONNECT BY
-- dialect: oracle, snowflake
-- given: s.e(id, boss, name)
select id, level as depth, sys_connect_by_path(name, '/') as path from s.e start with boss is null connect by prior id = boss
--> id <- s.e.id identity
--> path <- s.e.name transformation
--> result <- s.e.boss filter
--> result <- s.e.id join
--> result <- s.e.boss join

-- ## PIVOT over a table by its name or alias
-- dialect: snowflake, spark, databricks, bigquery, none
select id, a from s.t as q pivot (sum(q.amount) for q.kind in ('a' as a, 'b' as b))
--> id <- s.t.id identity
--> a <- s.t.amount aggregation

-- ## LATERAL VIEW sees the joins before it, a join the views before it
-- dialect: spark, hive, databricks
select a.x, v.item from s.a as a join s.b as b on a.id = b.id lateral view explode(b.items) v as item
--> x <- s.a.x identity
--> item <- s.b.items transformation
--> problem none

-- ## a bare name in a LATERAL VIEW after a join could be either table's
-- dialect: spark, hive, databricks
select a.x, v.item from s.a as a join s.b as b on a.id = b.id lateral view explode(items) v as item
--> x <- s.a.x identity
--> problem ambiguous

-- ## a join after a LATERAL VIEW
-- dialect: spark, hive, databricks
-- given: s.b(id, items); s.c(code, y)
select v.item, c.y from s.b as b lateral view explode(b.items) v as item join s.c as c on c.code = v.item
--> item <- s.b.items transformation
--> y <- s.c.y identity
--> result <- s.b.items join
--> result <- s.c.code join
