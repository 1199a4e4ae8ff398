Aggregates and windows.

-- ## an aggregate over an expression aggregates
-- dialect: none, postgres, redshift, snowflake, bigquery, databricks, spark, hive, trino, tsql, mysql, oracle, duckdb, clickhouse, teradata, sqlite
-- given: t(g, a, b)
select g, sum(a * b) as x, max(a) + 1 as y from t group by g
--> g <- t.g identity
--> x <- t.a aggregation
--> x <- t.b aggregation
--> y <- t.a aggregation
--> result <- t.g group_by

-- ## COUNT masks what it counts
-- dialect: none, postgres, snowflake, bigquery, spark, tsql, mysql, oracle, duckdb, trino
-- given: t(a)
select count(distinct a) as x from t
--> x <- t.a aggregation masked

-- ## a condition within an aggregate decides
-- dialect: postgres, snowflake, bigquery, spark, tsql, mysql, duckdb
-- given: t(a, b)
select sum(case when a = 'x' then b else 0 end) as x from t
--> x <- t.a conditional
--> x <- t.b aggregation

-- ## FILTER decides
-- dialect: postgres, duckdb, sqlite, databricks, trino
-- given: t(a, b)
select count(*) filter (where not a) as x, sum(b) filter (where a) as y from t
--> x <- t.a conditional
--> y <- t.b aggregation
--> y <- t.a conditional

-- ## the order within an aggregate decides
-- dialect: postgres, duckdb, bigquery
-- given: t(a, b)
select array_agg(a order by b) as x from t
--> x <- t.a aggregation
--> x <- t.b conditional

-- ## STRING_AGG in order
-- dialect: postgres, duckdb
-- given: t(a)
select string_agg(distinct a, ',' order by a) as x from t
--> x <- t.a aggregation
--> x <- t.a conditional

-- ## LISTAGG WITHIN GROUP
-- dialect: snowflake, oracle, redshift
-- given: t(a, b)
select listagg(a, ',') within group (order by b) as x from t
--> x <- t.a aggregation
--> x <- t.b conditional

-- ## a percentile takes its values from the order
-- dialect: postgres, snowflake, oracle, redshift
-- given: t(a)
select percentile_cont(0.5) within group (order by a) as x from t
--> x <- t.a aggregation

-- ## an aggregate of an aggregate
-- dialect: postgres, duckdb, snowflake
-- given: t(g, a)
with c as (select g, sum(a) as s from t group by g) select avg(s) as x, max(s) / 2 as y from c
--> x <- t.a aggregation
--> y <- t.a aggregation
--> result <- t.g group_by

-- ## GROUP BY an ordinal and an alias
-- dialect: postgres, snowflake, bigquery, duckdb, mysql, databricks
-- given: t(a, b, c)
select upper(a) as x, b as y, sum(c) as z from t group by 1, y
--> x <- t.a transformation
--> y <- t.b identity
--> z <- t.c aggregation
--> result <- t.a group_by
--> result <- t.b group_by

-- ## GROUP BY ALL groups by what is not aggregated
-- dialect: duckdb, snowflake, databricks
-- given: t(a, b)
select a, sum(b) as s from t group by all
--> a <- t.a identity
--> s <- t.b aggregation
--> result <- t.a group_by

-- ## ROLLUP, CUBE and GROUPING SETS
-- dialect: postgres, snowflake, tsql, oracle, trino, spark
-- given: t(a, b, c)
select a, b, sum(c) as s from t group by grouping sets ((a), (a, b), ())
--> a <- t.a identity
--> b <- t.b identity
--> s <- t.c aggregation
--> result <- t.a group_by
--> result <- t.b group_by

-- ## ROLLUP
-- dialect: postgres, snowflake, tsql, oracle, spark
-- given: t(a, c)
select a, sum(c) as s from t group by rollup (a)
--> a <- t.a identity
--> s <- t.c aggregation
--> result <- t.a group_by

-- ## HAVING filters
-- dialect: postgres, snowflake, tsql, mysql, duckdb
-- given: t(a, b)
select a from t group by a having sum(b) > 1
--> a <- t.a identity
--> result <- t.a group_by
--> result <- t.b filter

-- ## DISTINCT groups by every output
-- dialect: none, postgres, snowflake, bigquery, spark, tsql, mysql, oracle, duckdb
-- given: t(a, b, c)
select distinct a, b + c as d from t
--> a <- t.a identity
--> d <- t.b transformation
--> d <- t.c transformation
--> result <- t.a group_by
--> result <- t.b group_by
--> result <- t.c group_by

-- ## DISTINCT ON groups by its keys
-- dialect: postgres, duckdb
-- given: t(a, b, c)
select distinct on (a) a, b from t order by a, c desc
--> a <- t.a identity
--> b <- t.b identity
--> result <- t.a group_by
--> result <- t.a sort
--> result <- t.c sort

-- ## a ranking has no value of its own: it stands on the order
-- dialect: none, postgres, redshift, snowflake, bigquery, databricks, spark, hive, trino, tsql, mysql, oracle, duckdb, clickhouse, teradata, sqlite
-- given: t(a, b)
select rank() over (partition by a order by b desc) as r, row_number() over (order by a) as n from t
--> r <- t.a window
--> r <- t.b window
--> n <- t.a window

-- ## an aggregate over a window
-- dialect: postgres, snowflake, bigquery, spark, tsql, mysql, oracle, duckdb
-- given: t(a, b, c)
select sum(c) over (partition by a order by b) as x from t
--> x <- t.c aggregation
--> x <- t.a window
--> x <- t.b window

-- ## LAG and LEAD shift a value
-- dialect: postgres, snowflake, bigquery, spark, tsql, mysql, oracle, duckdb
-- given: t(a, b)
select lag(a, 1) over (order by b) as x, lead(a) over (order by b) as y from t
--> x <- t.a transformation
--> y <- t.a transformation
--> x <- t.b window
--> y <- t.b window

-- ## FIRST_VALUE is an aggregate of its window
-- dialect: postgres, snowflake, bigquery, spark, tsql, duckdb
-- given: t(a, b)
select first_value(a) over (order by b) as x from t
--> x <- t.a aggregation
--> x <- t.b window

-- ## NTILE counts nothing
-- dialect: postgres, snowflake, tsql, duckdb
-- given: t(a)
select ntile(5) over (order by a) as x from t
--> x <- t.a window

-- ## a named window
-- dialect: postgres, mysql, duckdb, bigquery, sqlite, databricks
-- given: t(a, b, c)
select sum(c) over w as x, rank() over w as y from t window w as (partition by a order by b)
--> x <- t.c aggregation
--> x <- t.a window
--> x <- t.b window
--> y <- t.a window
--> y <- t.b window

-- ## a named window that builds on another
-- dialect: postgres, duckdb, mysql
-- given: t(a, b, c)
select sum(c) over (w order by b) as x from t window w as (partition by a)
--> x <- t.c aggregation
--> x <- t.a window
--> x <- t.b window

-- ## a window behind a subquery stays a window
-- dialect: postgres, duckdb, snowflake
-- given: t(a, b)
select r + 1 as x from (select rank() over (order by a) as r from t) q
--> x <- t.a window

-- ## filtering by a rank filters by what it stands on
-- dialect: postgres, snowflake, tsql, mysql, duckdb
-- given: t(a, b, c)
select c from (select c, row_number() over (partition by a order by b) as n from t) q where n = 1
--> c <- t.c identity
--> result <- t.a filter
--> result <- t.b filter

-- ## QUALIFY filters by a window
-- dialect: snowflake, bigquery, databricks, duckdb, teradata
-- given: t(a, b, c)
select c from t qualify row_number() over (partition by a order by b) = 1
--> c <- t.c identity
--> result <- t.a filter
--> result <- t.b filter

-- ## QUALIFY by an alias
-- dialect: snowflake, duckdb, databricks
-- given: t(a, b, c)
select c, row_number() over (partition by a order by b) as n from t qualify n = 1
--> c <- t.c identity
--> n <- t.a window
--> n <- t.b window
--> result <- t.a filter
--> result <- t.b filter

-- ## ORDER BY sorts, by alias first
-- dialect: postgres, snowflake, bigquery, duckdb, mysql, tsql
-- given: t(a, b)
select a as b, b as x from t order by b
--> b <- t.a identity
--> x <- t.b identity
--> result <- t.a sort

-- ## ORDER BY a column that is not selected
-- dialect: none, postgres, snowflake, bigquery, spark, tsql, mysql, oracle, duckdb
-- given: t(a, b)
select a from t order by b desc
--> a <- t.a identity
--> result <- t.b sort

-- ## ANY_VALUE and the like aggregate
-- dialect: snowflake, bigquery, duckdb, databricks, mysql
-- given: t(a)
select any_value(a) as x from t
--> x <- t.a aggregation

-- ## MAX_BY aggregates both its arguments
-- dialect: snowflake, databricks, trino, spark, duckdb
-- given: t(a, b)
select max_by(a, b) as x from t
--> x <- t.a aggregation
--> x <- t.b aggregation

-- ## approximate aggregates
-- dialect: snowflake, bigquery, spark, duckdb
-- given: t(a)
select approx_count_distinct(a) as x from t
--> x <- t.a aggregation

-- ## ClickHouse combinators
-- dialect: clickhouse
-- given: t(a, b)
select sumIf(a, b > 0) as x, uniq(a) as y from t
--> x <- t.a aggregation
--> x <- t.b aggregation
--> y <- t.a aggregation

-- ## statistics
-- dialect: postgres, snowflake, duckdb
-- given: t(a, b)
select stddev(a) as x, corr(a, b) as y from t
--> x <- t.a aggregation
--> y <- t.a aggregation
--> y <- t.b aggregation

-- ## JSON aggregates
-- dialect: postgres
-- given: t(a, b)
select json_agg(a) as x, jsonb_object_agg(a, b) as y from t
--> x <- t.a aggregation
--> y <- t.a aggregation
--> y <- t.b aggregation

-- ## COUNT_IF is an aggregate
-- dialect: snowflake, duckdb, databricks, trino
-- given: t(a)
select count_if(a > 0) as x from t
--> x <- t.a aggregation
