Queries: common table expressions, set operations, subqueries. Expectations follow the SQL standard's name scoping.

-- ## a column is copied
-- dialect: none, postgres, redshift, snowflake, bigquery, databricks, spark, hive, trino, tsql, mysql, oracle, duckdb, clickhouse, teradata, sqlite
-- given: s.t(a, b)
select a as x, b from s.t
--> x <- s.t.a identity
--> b <- s.t.b identity
--> reads s.t
--> writes nothing
--> no influences
--> kind select

-- ## an unknown table is no obstacle to a query of it alone
-- dialect: none, postgres, redshift, snowflake, bigquery, databricks, spark, hive, trino, tsql, mysql, oracle, duckdb, clickhouse, teradata, sqlite
select a, q.b + 1 as c from s.t q where d > 0
--> a <- s.t.a identity
--> c <- s.t.b transformation
--> result <- s.t.d filter
--> problem none

-- ## an aliased table hides its own name
-- dialect: postgres, duckdb, snowflake
-- given: s.t(a); s.u(a)
select t.a from s.u as t
--> a <- s.u.a identity

-- ## CTEs are seen through, one from the other
-- dialect: none, postgres, redshift, snowflake, bigquery, databricks, spark, hive, trino, tsql, mysql, oracle, duckdb, clickhouse, teradata, sqlite
-- given: s.t(a, b)
with one as (select a, b from s.t), two as (select a + b as c from one) select c as d from two
--> d <- s.t.a transformation
--> d <- s.t.b transformation
--> reads s.t
--> problem none

-- ## a CTE's column list renames by position
-- dialect: postgres, snowflake, bigquery, trino, tsql, mysql, oracle, duckdb, sqlite, teradata, redshift, databricks, spark
-- given: s.t(a, b)
with one (x, y) as (select a, b from s.t) select y, x from one
--> y <- s.t.b identity
--> x <- s.t.a identity

-- ## a CTE hides a table of the same name
-- dialect: postgres, duckdb, mysql
-- given: t(a); u(b)
-- schema: main
with t as (select b as a from u) select a from t
--> a <- main.u.b identity
--> reads main.u

-- ## a CTE does not hide a qualified table
-- dialect: postgres, duckdb, snowflake
-- given: s.t(a)
with t as (select 1 as a) select a from s.t
--> a <- s.t.a identity

-- ## an inner WITH hides the outer one
-- dialect: postgres, duckdb, snowflake, bigquery
-- given: s.t(a, b)
with c as (select a as x from s.t) select x from (with c as (select b as x from s.t) select x from c) q
--> x <- s.t.b identity

-- ## a WITH inside a CTE
-- dialect: postgres, duckdb, snowflake, bigquery, trino
-- given: s.t(a)
with c as (with d as (select a from s.t) select a as b from d) select b from c
--> b <- s.t.a identity

-- ## an unused CTE is read, but nothing flows
-- dialect: postgres, duckdb
-- given: s.t(a); s.u(b)
with c as (select a from s.t) select b from s.u
--> b <- s.u.b identity
--> reads s.t, s.u

-- ## a recursive CTE draws on its anchor and on its step
-- dialect: postgres, duckdb, mysql, sqlite, snowflake, redshift, bigquery, trino
-- given: s.e(id, boss)
with recursive r as (select id, boss, 0 as depth from s.e where boss is null union all select e.id, r.boss, r.depth + 1 from s.e as e join r on e.boss = r.id) select id, boss, depth from r
--> id <- s.e.id identity
--> boss <- s.e.boss identity
--> result <- s.e.boss filter
--> result <- s.e.boss join
--> result <- s.e.id join

-- ## recursion carries a source from column to column
-- dialect: postgres, duckdb
-- given: s.e(a, b, c)
with recursive r (x, y, z) as (select a, b, c from s.e union all select y, z, x from r) select x from r
--> x <- s.e.a identity
--> x <- s.e.b identity
--> x <- s.e.c identity

-- ## a recursive CTE without the word
-- dialect: tsql, oracle, teradata
-- given: s.e(id, boss)
with r (id, boss) as (select id, boss from s.e union all select e.id, e.boss from s.e e join r on e.boss = r.id) select id from r
--> id <- s.e.id identity

-- ## UNION goes by position and is named by its first branch
-- dialect: none, postgres, redshift, snowflake, bigquery, databricks, spark, hive, trino, tsql, mysql, oracle, duckdb, clickhouse, teradata, sqlite
-- given: s.t(a, b); s.u(b, a)
select a, b from s.t union all select b, a from s.u
--> a <- s.t.a identity
--> a <- s.u.b identity
--> b <- s.t.b identity
--> b <- s.u.a identity

-- ## a constant in one branch adds no source
-- dialect: postgres, duckdb, snowflake
-- given: s.t(a); s.u(b)
select a from s.t union all select null from s.u
--> a <- s.t.a identity
--> reads s.t, s.u

-- ## stars in a UNION of known tables
-- dialect: postgres, snowflake, bigquery, duckdb
-- given: s.t(a, b); s.u(c, d)
select * from s.t union all select * from s.u
--> a <- s.t.a identity star
--> a <- s.u.c identity star
--> b <- s.t.b identity star
--> b <- s.u.d identity star

-- ## both sides of EXCEPT decide about rows, the right one about nothing else
-- dialect: postgres, snowflake, duckdb, tsql, sqlite
-- given: s.t(a); s.u(b)
select a from s.t except select b from s.u
--> a <- s.t.a identity
--> result <- s.t.a filter
--> result <- s.u.b filter

-- ## Oracle says MINUS
-- dialect: oracle, teradata
-- given: s.t(a); s.u(b)
select a from s.t minus select b from s.u
--> a <- s.t.a identity

-- ## INTERSECT holds values that are in both
-- dialect: postgres, duckdb, snowflake
-- given: s.t(a); s.u(b)
select a from s.t intersect select b from s.u
--> a <- s.t.a identity
--> a <- s.u.b identity

-- ## UNION BY NAME
-- dialect: duckdb, snowflake
-- given: s.t(a, b); s.u(b, c)
select a, b from s.t union all by name select b, c from s.u
--> a <- s.t.a identity
--> b <- s.t.b identity
--> b <- s.u.b identity
--> c <- s.u.c identity

-- ## a set operation in parentheses
-- dialect: postgres, duckdb, snowflake, bigquery, trino
-- given: s.t(a); s.u(b); s.v(c)
(select a from s.t) union all ((select b from s.u) union all (select c from s.v))
--> a <- s.t.a identity
--> a <- s.u.b identity
--> a <- s.v.c identity

-- ## ORDER BY of a UNION names its outputs
-- dialect: postgres, duckdb, mysql
-- given: s.t(a, k); s.u(a, k)
select a, k from s.t union all select a, k from s.u order by k
--> a <- s.t.a identity
--> a <- s.u.a identity
--> k <- s.t.k identity
--> k <- s.u.k identity
--> result <- s.t.k sort
--> result <- s.u.k sort

-- ## a derived table
-- dialect: none, postgres, redshift, snowflake, bigquery, databricks, spark, hive, trino, tsql, mysql, oracle, duckdb, clickhouse, teradata, sqlite
-- given: s.t(a, b)
select q.x from (select a + 1 as x, b from s.t where b > 0) q
--> x <- s.t.a transformation
--> result <- s.t.b filter

-- ## a derived table's column list renames by position
-- dialect: postgres, duckdb, snowflake, tsql, trino
-- given: s.t(a, b)
select q.y from (select a, b from s.t) as q (x, y)
--> y <- s.t.b identity

-- ## a scalar subquery is a value
-- dialect: postgres, snowflake, bigquery, duckdb, tsql, mysql, sqlite, trino
-- given: s.t(a, k); s.u(b, k)
select a, (select max(u.b) from s.u as u where u.k = t.k) as m from s.t as t
--> a <- s.t.a identity
--> m <- s.u.b aggregation
--> result <- s.u.k filter
--> result <- s.t.k filter

-- ## EXISTS decides about rows
-- dialect: postgres, snowflake, duckdb, tsql, mysql, oracle
-- given: s.t(a, k); s.u(b, k)
select a from s.t t where exists (select b from s.u u where u.k = t.k)
--> a <- s.t.a identity
--> result <- s.u.k filter
--> result <- s.t.k filter
--> reads s.t, s.u

-- ## EXISTS as a value: what decides about its rows is kept with the rows
-- dialect: postgres, snowflake, bigquery, duckdb, mysql, spark
-- given: s.t(a, k); s.u(b, k)
select a, case when exists (select 1 from s.u u where u.k = t.k) then 1 else 0 end as x from s.t t
--> a <- s.t.a identity
--> result <- s.t.k filter
--> result <- s.u.k filter

-- ## IN with a subquery as a value
-- dialect: postgres, snowflake, duckdb
-- given: s.t(a, k); s.u(b, c)
select case when k in (select b from s.u where c > 1) then a end as x from s.t
--> x <- s.t.k conditional
--> x <- s.u.b conditional
--> x <- s.t.a identity
--> result <- s.u.c filter

-- ## IN with a subquery
-- dialect: postgres, snowflake, bigquery, duckdb, tsql, mysql, oracle, redshift
-- given: s.t(a, k); s.u(b, c)
select a from s.t where k in (select b from s.u where c = 1)
--> a <- s.t.a identity
--> result <- s.t.k filter
--> result <- s.u.b filter
--> result <- s.u.c filter

-- ## an inner name hides the outer one
-- dialect: postgres, duckdb, snowflake
-- given: s.t(a, k); s.u(a, k)
select (select min(a) from s.u) as m from s.t
--> m <- s.u.a aggregation

-- ## a correlated name that only the outer table has
-- dialect: postgres, duckdb, snowflake, tsql
-- given: s.t(a, only_here); s.u(b)
select (select max(b + only_here) from s.u) as m from s.t
--> m <- s.u.b aggregation
--> m <- s.t.only_here aggregation

-- ## a bare name in a subquery of an unknown table may be the outer one's
-- dialect: postgres, duckdb
-- given: s.t(a)
select (select a from s.unknown limit 1) as m from s.t
--> m <- s.unknown.a identity guessed

-- ## a LATERAL subquery selects, its correlation only filters
-- dialect: postgres, duckdb, snowflake, trino, databricks
-- given: s.t(id, a); s.u(id, b)
select t.a, l.b from s.t t cross join lateral (select u.b from s.u u where u.id = t.id) l
--> a <- s.t.a identity
--> b <- s.u.b identity
--> result <- s.u.id filter
--> result <- s.t.id filter

-- ## LEFT JOIN LATERAL with ORDER BY and LIMIT
-- dialect: postgres
-- given: s.t(id); s.u(id, b, at)
select coalesce(l.b, 0) as b from s.t t left join lateral (select u.b from s.u u where u.id = t.id order by u.at desc limit 1) l on true
--> b <- s.u.b transformation
--> b <- s.u.b conditional
--> result <- s.u.id filter
--> result <- s.t.id filter
--> result <- s.u.at sort

-- ## CROSS APPLY and OUTER APPLY are lateral joins
-- dialect: tsql, oracle
-- given: s.t(id, a); s.u(id, b)
select t.a, x.b from s.t t cross apply (select u.b from s.u u where u.id = t.id) x
--> a <- s.t.a identity
--> b <- s.u.b identity
--> result <- s.u.id filter
--> result <- s.t.id filter

-- ## VALUES has no source
-- dialect: postgres, duckdb, snowflake, trino
-- given: s.t(a)
select v.x, t.a from s.t t join (values (1, 'a'), (2, 'b')) as v (x, y) on true
--> a <- s.t.a identity

-- ## VALUES may hold expressions of the outer query
-- dialect: postgres
-- given: s.t(a, b)
select v.x from s.t t cross join lateral (values (t.a), (t.b)) as v (x)
--> x <- s.t.a identity
--> x <- s.t.b identity

-- ## a query without FROM
-- dialect: postgres, duckdb, snowflake, mysql, tsql, bigquery
select 1 as a, 'x' as b
--> problem none
--> reads nothing

-- ## a subquery in ORDER BY and in LIMIT is read
-- dialect: postgres
-- given: s.t(a, k); s.u(b)
select a from s.t order by k limit (select max(b) from s.u)
--> a <- s.t.a identity
--> result <- s.t.k sort
--> reads s.t, s.u

-- ## quantified comparison
-- dialect: postgres, tsql, mysql, oracle
-- given: s.t(a); s.u(b)
select a from s.t where a > all (select b from s.u)
--> a <- s.t.a identity
--> result <- s.t.a filter
--> result <- s.u.b filter

-- ## TABLE is a query
-- dialect: postgres
-- given: s.t(a, b)
with c as (table s.t) select b from c
--> b <- s.t.b identity

-- ## FROM first
-- dialect: duckdb
-- given: s.t(a, b)
from s.t select b
--> b <- s.t.b identity

-- ## FROM alone
-- dialect: duckdb
-- given: s.t(a, b)
from s.t
--> a <- s.t.a identity star
--> b <- s.t.b identity star

-- ## pipe syntax
-- dialect: bigquery, databricks
-- given: s.t(a, b)
from s.t |> where b > 0 |> select a as x |> aggregate sum(x) as y
--> y <- s.t.a aggregation
--> result <- s.t.b filter

-- ## the result of a query in parentheses
-- dialect: postgres, duckdb, snowflake
-- given: s.t(a)
(select a from s.t)
--> a <- s.t.a identity

-- ## a thousand and one is not special: operators nest
-- dialect: postgres
-- given: s.t(a, b, c)
select ((a + b) * (c - 1))::int as x from s.t
--> x <- s.t.a transformation
--> x <- s.t.b transformation
--> x <- s.t.c transformation

-- ## a star in EXISTS asks for no column
-- dialect: postgres, snowflake, tsql, mysql
-- given: s.t(a, k)
select a from s.t as t where exists (select * from s.unknown as u where u.k = t.k)
--> a <- s.t.a identity
--> result <- s.unknown.k filter
--> result <- s.t.k filter
--> problem none
