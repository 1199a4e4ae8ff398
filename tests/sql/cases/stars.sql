Stars, with and without known columns.

-- ## a star stands for the known columns in order
-- dialect: none, postgres, redshift, snowflake, bigquery, databricks, spark, hive, trino, tsql, mysql, oracle, duckdb, clickhouse, teradata, sqlite
-- given: s.t(a, b)
select * from s.t
--> a <- s.t.a identity star
--> b <- s.t.b identity star
--> problem none

-- ## a qualified star is one table's
-- dialect: none, postgres, snowflake, bigquery, tsql, mysql, oracle, duckdb, spark
-- given: s.t(a, k); s.u(b, k)
select t.*, u.b from s.t t join s.u u on t.k = u.k
--> a <- s.t.a identity star
--> k <- s.t.k identity star
--> b <- s.u.b identity
--> result <- s.t.k join
--> result <- s.u.k join

-- ## a star over an unknown table is said, not guessed
-- dialect: postgres, snowflake, bigquery, duckdb, spark, tsql
select * from s.t
--> problem star
--> reads s.t

-- ## named columns beside an unknown star are known
-- dialect: postgres, snowflake, bigquery, duckdb
select *, a + 1 as b from s.t
--> b <- s.t.a transformation
--> problem star

-- ## a name taken from an unknown star
-- dialect: none, postgres, snowflake, bigquery, duckdb, spark, databricks, trino
with c as (select * from s.t) select x, y + 1 as z from c
--> x <- s.t.x identity
--> z <- s.t.y transformation

-- ## a name behind two unknown stars could be either's
-- dialect: postgres, snowflake, duckdb
with c as (select * from s.t cross join s.u) select x from c
--> problem ambiguous

-- ## a name behind a known and an unknown star
-- dialect: postgres, snowflake, duckdb
-- given: s.t(a, b)
with c as (select * from s.t cross join s.u) select a, x from c
--> a <- s.t.a identity
--> x <- s.u.x identity

-- ## a star that is named later is no star
-- dialect: postgres, duckdb, snowflake
-- given: s.t(a, b)
select a from (select * from s.t) q
--> a <- s.t.a identity

-- ## a star over a CTE that names its columns names them
-- dialect: postgres, duckdb, snowflake, bigquery
-- given: s.t(a, b)
with c as (select a from s.t) select * from c
--> a <- s.t.a identity

-- ## EXCEPT and EXCLUDE leave columns out
-- dialect: bigquery, databricks, clickhouse
-- given: s.t(a, b, c)
select * except (b) from s.t
--> a <- s.t.a identity star
--> c <- s.t.c identity star

-- ## EXCLUDE leaves columns out
-- dialect: snowflake, duckdb, redshift
-- given: s.t(a, b, c)
select * exclude (b, c) from s.t
--> a <- s.t.a identity star

-- ## a column left out of an unknown star is not behind it
-- dialect: duckdb, snowflake
with c as (select * exclude (x) from s.t) select y, x from c
--> y <- s.t.y identity
--> problem unresolved

-- ## REPLACE computes in place
-- dialect: bigquery, duckdb, clickhouse
-- given: s.t(a, b)
select * replace (a + b as a) from s.t
--> a <- s.t.a transformation
--> a <- s.t.b transformation
--> b <- s.t.b identity star

-- ## RENAME gives another name
-- dialect: snowflake
-- given: s.t(a, b)
select * rename (a as x) from s.t
--> x <- s.t.a identity star
--> b <- s.t.b identity star

-- ## ILIKE chooses by pattern
-- dialect: snowflake
-- given: s.t(user_id, name, item_id)
select * ilike '%\_id%' from s.t
--> user_id <- s.t.user_id identity star
--> item_id <- s.t.item_id identity star

-- ## columns of a natural join or of USING come once
-- dialect: postgres, duckdb, mysql, snowflake, trino
-- given: s.t(k, a); s.u(k, b)
select * from s.t join s.u using (k)
--> k <- s.t.k identity
--> k <- s.u.k identity
--> a <- s.t.a identity star
--> b <- s.u.b identity star
--> result <- s.t.k join
--> result <- s.u.k join

-- ## a star of a semi join shows the left side
-- dialect: spark, databricks, duckdb
-- given: s.t(k, a); s.u(k, b)
select * from s.t semi join s.u on t.k = u.k
--> k <- s.t.k identity star
--> a <- s.t.a identity star

-- ## COUNT(*) has no source
-- dialect: none, postgres, snowflake, bigquery, tsql, mysql, oracle, duckdb, spark
-- given: s.t(a)
select count(*) as n from s.t
--> problem none
--> reads s.t

-- ## a star stored in a table with known columns goes by position
-- dialect: postgres, snowflake, tsql, mysql
-- given: s.t(a, b); s.u(x, y)
insert into s.u select * from s.t
--> s.u.x <- s.t.a identity star
--> s.u.y <- s.t.b identity star

-- ## two stars with a column in common: both come out
-- dialect: postgres, duckdb
-- given: s.t(k, a); s.u(k, b)
select t.k as x, q.* from s.t t cross join (select * from s.u) q
--> x <- s.t.k identity
--> k <- s.u.k identity star
--> b <- s.u.b identity star

-- ## a star whose columns are asked for by name hides nothing
-- dialect: none, postgres, snowflake, bigquery, databricks, redshift
with source as (select * from s.t), renamed as (select id as order_id, upper(x) as x from source), last as (select * from renamed)
select * from last
--> order_id <- s.t.id identity
--> x <- s.t.x transformation
--> problem none

-- ## nor does one in a derived table
-- dialect: none, postgres, snowflake, tsql
select q.a, u.b from (select * from s.t) as q join s.u as u on u.id = q.id
--> a <- s.t.a identity
--> b <- s.u.b identity
--> problem none

-- ## a list of names for columns that nobody knows
-- dialect: postgres, snowflake, duckdb
select q.x, q.y from (select a, t.* from s.t as t) as q (x, y)
--> x <- s.t.a identity
--> problem star

-- ## a list of names for a table that nobody knows
-- dialect: postgres, duckdb
select q.x from s.t as q (x, y)
--> problem star

-- ## a set operation matches what stands before an unknown star
-- dialect: postgres, snowflake
select a, t.* from s.t as t union all select b, u.* from s.u as u
--> a <- s.t.a identity
--> a <- s.u.b identity
--> problem star

-- ## pipe syntax over a table that nobody knows
-- dialect: bigquery
from d.s |> where a > 1 |> extend b + 1 as c |> aggregate sum(c) as total group by d |> select d, total
--> d <- d.s.d identity
--> total <- d.s.b aggregation
--> problem none

-- ## DuckDB and ClickHouse: columns chosen by a pattern
-- dialect: duckdb, clickhouse
-- given: s.t(a_1, a_2, b)
select columns('^a_') from s.t
--> a_1 <- s.t.a_1 identity star
--> a_2 <- s.t.a_2 identity star

-- ## DuckDB: columns chosen from a list
-- dialect: duckdb
-- given: s.t(a, b, c)
select columns(['a', 'c']) from s.t
--> a <- s.t.a identity star
--> c <- s.t.c identity star

-- ## DuckDB: columns chosen by a function, or by a pattern that is no plain one
-- dialect: duckdb
-- given: s.t(a, b)
select columns(c -> c like 'a%'), columns('(a+)+$') from s.t
--> problem star

-- ## ClickHouse: a function applied to all columns
-- dialect: clickhouse
-- given: s.t(a, b, c)
select * except (b) apply(toString) from s.t
--> a <- s.t.a transformation star
--> c <- s.t.c transformation star

-- ## RENAME of a column of a table that nobody knows
-- dialect: snowflake, duckdb
with q as (select * rename (a as x) from s.t) select x, b from q
--> x <- s.t.a identity
--> b <- s.t.b identity

-- ## PostgreSQL: the fields of a row that is made
-- dialect: postgres
select id, (f(a)).* from s.t
--> id <- s.t.id identity
--> problem star

-- ## the columns of a join in parentheses with a name
-- dialect: postgres
select j.id, j.x, j.y from (s.a join s.b using (id)) as j
--> id <- s.a.id identity
--> id <- s.b.id identity
--> problem ambiguous

-- ## EXCLUDE of one table's column
-- dialect: duckdb
-- given: s.a(k, x); s.b(k, y)
select * exclude (b.k) from s.a as a join s.b as b on a.k = b.k
--> k <- s.a.k identity star
--> x <- s.a.x identity star
--> y <- s.b.y identity star
