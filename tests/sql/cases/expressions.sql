What an expression does to a value. The words are those of OpenLineage's column lineage facet 1-2-0.

-- ## a bare column is the same value, in parentheses too
-- dialect: none, postgres, snowflake, bigquery, spark, tsql, duckdb
-- given: t(a)
select (a) as x from t
--> x <- t.a identity

-- ## arithmetic, functions, casts and concatenation transform
-- dialect: postgres, duckdb, snowflake, redshift
-- given: t(a, b, c, d)
select a + 1 as w, upper(b) as x, cast(c as int) as y, d || 'x' as z from t
--> w <- t.a transformation
--> x <- t.b transformation
--> y <- t.c transformation
--> z <- t.d transformation

-- ## an unknown function transforms
-- dialect: none, postgres, snowflake, bigquery, spark, tsql, mysql, oracle, duckdb
-- given: t(a, b)
select my_function(a, 1, b) as x from t
--> x <- t.a transformation
--> x <- t.b transformation

-- ## CASE: conditions decide, results are values
-- dialect: none, postgres, redshift, snowflake, bigquery, databricks, spark, hive, trino, tsql, mysql, oracle, duckdb, clickhouse, teradata, sqlite
-- given: t(a, b, c, d)
select case when a > 0 then b when c is null then d + 1 else 0 end as x from t
--> x <- t.a conditional
--> x <- t.c conditional
--> x <- t.b identity
--> x <- t.d transformation

-- ## simple CASE: the operand decides
-- dialect: none, postgres, snowflake, bigquery, spark, tsql, mysql, oracle, duckdb
-- given: t(a, b, c)
select case a when 1 then b when 2 then c end as x from t
--> x <- t.a conditional
--> x <- t.b identity
--> x <- t.c identity

-- ## a column in a condition and in a result is both
-- dialect: postgres, duckdb, snowflake
-- given: t(a)
select case when a > 0 then a end as x from t
--> x <- t.a conditional
--> x <- t.a identity

-- ## IF and IFF
-- dialect: mysql, bigquery, spark, databricks, duckdb, trino
-- given: t(a, b, c)
select if(a > 0, b, c) as x from t
--> x <- t.a conditional
--> x <- t.b identity
--> x <- t.c identity

-- ## IFF
-- dialect: snowflake
-- given: t(a, b, c)
select iff(a > 0, b, c) as x from t
--> x <- t.a conditional
--> x <- t.b identity
--> x <- t.c identity

-- ## IIF
-- dialect: tsql, sqlite
-- given: t(a, b, c)
select iif(a > 0, b, c) as x from t
--> x <- t.a conditional
--> x <- t.b identity
--> x <- t.c identity

-- ## COALESCE both computes and decides
-- dialect: none, postgres, redshift, snowflake, bigquery, databricks, spark, hive, trino, tsql, mysql, oracle, duckdb, clickhouse, teradata, sqlite
-- given: t(a, b)
select coalesce(a, b) as x from t
--> x <- t.a transformation
--> x <- t.a conditional
--> x <- t.b transformation
--> x <- t.b conditional

-- ## NVL is COALESCE
-- dialect: oracle, snowflake, spark, databricks, redshift, hive
-- given: t(a, b)
select nvl(a, b) as x from t
--> x <- t.a transformation
--> x <- t.a conditional
--> x <- t.b transformation
--> x <- t.b conditional

-- ## IFNULL is COALESCE
-- dialect: mysql, snowflake, bigquery, sqlite, duckdb, spark
-- given: t(a)
select ifnull(a, 0) as x from t
--> x <- t.a transformation
--> x <- t.a conditional

-- ## ISNULL of two arguments is COALESCE
-- dialect: tsql
-- given: t(a)
select isnull(a, 0) as x from t
--> x <- t.a transformation
--> x <- t.a conditional

-- ## NVL2 tests its first argument only
-- dialect: oracle, snowflake, spark, databricks, redshift
-- given: t(a, b, c)
select nvl2(a, b, c) as x from t
--> x <- t.a conditional
--> x <- t.b identity
--> x <- t.c identity

-- ## DECODE compares its first argument
-- dialect: oracle, snowflake, redshift, databricks
-- given: t(a, b, c)
select decode(a, 1, b, 2, 0, c) as x from t
--> x <- t.a conditional
--> x <- t.b identity
--> x <- t.c identity

-- ## NULLIF compares its arguments
-- dialect: postgres, snowflake, tsql, mysql, duckdb, bigquery, trino
-- given: t(a, b)
select nullif(a, b) as x from t
--> x <- t.a transformation
--> x <- t.a conditional
--> x <- t.b conditional

-- ## a condition inside a function is still a condition
-- dialect: postgres, duckdb, snowflake
-- given: t(a, b)
select round(case when a > 0 then b end, 2) as x from t
--> x <- t.a conditional
--> x <- t.b transformation

-- ## a condition over a computed column
-- dialect: postgres, duckdb, snowflake, bigquery
-- given: t(a, b)
with c as (select a + b as s from t) select case when s > 0 then 'y' end as x from c
--> x <- t.a conditional
--> x <- t.b conditional

-- ## hashes mask
-- dialect: none, postgres, snowflake, spark, databricks, duckdb, mysql, bigquery
-- given: t(email)
select md5(lower(email)) as x from t
--> x <- t.email transformation masked

-- ## SHA functions mask
-- dialect: snowflake, spark, databricks, mysql
-- given: t(email, name)
select sha2(email, 256) as x, sha1(name) as y from t
--> x <- t.email transformation masked
--> y <- t.name transformation masked

-- ## T-SQL's HASHBYTES masks
-- dialect: tsql
-- given: t(email)
select hashbytes('SHA2_256', email) as x from t
--> x <- t.email transformation masked

-- ## Databricks' MASK masks
-- dialect: databricks, hive
-- given: t(email)
select mask(email) as x from t
--> x <- t.email transformation masked

-- ## what is masked stays masked
-- dialect: postgres, duckdb, snowflake
-- given: t(email)
with c as (select md5(email) as h from t) select substring(h, 1, 8) as x from c
--> x <- t.email transformation masked

-- ## casting with :: and its kin
-- dialect: postgres, snowflake, duckdb, redshift
-- given: t(a)
select a::text as x from t
--> x <- t.a transformation

-- ## TRY_CAST and CONVERT
-- dialect: tsql, snowflake
-- given: t(a)
select try_cast(a as int) as x from t
--> x <- t.a transformation

-- ## CONVERT puts the type first
-- dialect: tsql
-- given: t(a)
select convert(varchar(10), a, 112) as x from t
--> x <- t.a transformation

-- ## the unit of a date function is no column
-- dialect: tsql, snowflake, redshift, databricks
-- given: t(a, b, day)
select datediff(day, a, b) as x from t
--> x <- t.a transformation
--> x <- t.b transformation

-- ## DATE_TRUNC in BigQuery takes a unit after the value
-- dialect: bigquery
-- given: t(a, month)
select date_trunc(a, month) as x from t
--> x <- t.a transformation

-- ## EXTRACT's field is no column
-- dialect: postgres, mysql, oracle, bigquery, trino
-- given: t(a, year)
select extract(year from a) as x from t
--> x <- t.a transformation

-- ## intervals
-- dialect: postgres, snowflake, mysql, bigquery, databricks
-- given: t(a)
select a - interval '1' day as x from t
--> x <- t.a transformation

-- ## boolean expressions are values
-- dialect: postgres, duckdb, mysql, snowflake, bigquery
-- given: t(a, b, c)
select a > 0 and b is not null or c in (1, 2) as x from t
--> x <- t.a transformation
--> x <- t.b transformation
--> x <- t.c transformation

-- ## BETWEEN and LIKE
-- dialect: postgres, duckdb, snowflake
-- given: t(a, b, c, d)
select a between b and c as x, d like 'x%' as y from t
--> x <- t.a transformation
--> x <- t.b transformation
--> x <- t.c transformation
--> y <- t.d transformation

-- ## GREATEST and LEAST compute
-- dialect: postgres, snowflake, mysql, oracle, bigquery, spark
-- given: t(a, b)
select greatest(a, b) as x from t
--> x <- t.a transformation
--> x <- t.b transformation

-- ## JSON operators take the whole column
-- dialect: postgres
-- given: t(payload)
select payload ->> 'screen' as x, (payload #>> '{a,b}')::int as y from t
--> x <- t.payload transformation
--> y <- t.payload transformation

-- ## semi-structured paths
-- dialect: snowflake
-- given: t(v)
select v:a.b[0]::string as x from t
--> x <- t.v transformation

-- ## array subscripts
-- dialect: postgres, duckdb, trino, spark, clickhouse
-- given: t(arr, i)
select arr[i] as x from t
--> x <- t.arr transformation
--> x <- t.i transformation

-- ## a struct is made of its fields
-- dialect: bigquery, spark, databricks
-- given: t(a, b)
select struct(a as x, b as y) as s from t
--> s <- t.a transformation
--> s <- t.b transformation

-- ## struct fields: the whole column, if its fields are not known
-- dialect: bigquery, spark, databricks, trino, duckdb
-- given: t(a, addr)
select addr.city as x from t
--> x <- t.addr transformation over_approximate

-- ## struct fields with a table in front
-- dialect: bigquery, spark, databricks, trino, duckdb
-- given: t(a, addr)
select q.addr.city as x from t q
--> x <- t.addr transformation over_approximate

-- ## struct fields that the schema lists
-- dialect: bigquery, spark, databricks, trino
-- given: t(a, addr, addr.city)
select addr.city as x from t
--> x <- t."addr.city" identity

-- ## struct fields of a table that nobody knows: the path is the field's name
-- dialect: bigquery, spark, databricks, trino, none
select addr.city as x, q.items.price as y from t as q
--> x <- t."addr.city" identity guessed
--> y <- t."items.price" identity guessed

-- ## PostgreSQL composites are in parentheses
-- dialect: postgres
-- given: t(a, addr)
select (addr).city as x, (q.addr).zip as y from t q
--> x <- t.addr transformation over_approximate
--> y <- t.addr transformation over_approximate

-- ## lambda parameters are no columns
-- dialect: spark, databricks, trino, duckdb, snowflake
-- given: t(arr, k, x)
select transform(arr, x -> x + k) as y from t
--> y <- t.arr transformation
--> y <- t.k transformation

-- ## named arguments are no columns
-- dialect: snowflake, postgres, bigquery
-- given: t(a, x)
select f(x => a) as y from t
--> y <- t.a transformation

-- ## a lateral alias is the expression before
-- dialect: snowflake, redshift, databricks, spark, duckdb, teradata, clickhouse
-- given: t(a, b)
select a + 1 as x, x * b as y from t
--> x <- t.a transformation
--> y <- t.a transformation
--> y <- t.b transformation

-- ## a column comes before a lateral alias of its name
-- dialect: snowflake, redshift, databricks, duckdb
-- given: t(a, b)
select a as b, b + 1 as y from t
--> b <- t.a identity
--> y <- t.b transformation

-- ## ClickHouse takes the alias first
-- dialect: clickhouse
-- given: t(a, b)
select a as b, b + 1 as y from t
--> b <- t.a identity
--> y <- t.a transformation

-- ## no lateral aliases here: a name that is no column is not resolved
-- dialect: postgres, bigquery, tsql, oracle, mysql, trino, hive
-- given: t(a, b)
select q.a as x, x as y from (select a from t) q
--> x <- t.a identity
--> problem unresolved

-- ## a whole row
-- dialect: postgres, bigquery, duckdb
-- given: t(a, b)
select q as x from t q
--> x <- t.a transformation over_approximate
--> x <- t.b transformation over_approximate

-- ## parameters and placeholders have no source
-- dialect: postgres
-- given: t(a)
select a + $1 as x from t where a > $2
--> x <- t.a transformation

-- ## variables have no source
-- dialect: tsql
-- given: t(a)
select a + @x as y from t
--> y <- t.a transformation

-- ## session functions and constants have no source
-- dialect: postgres, snowflake
select current_date as d, current_timestamp as ts, 'x' as c, null as n
--> problem none

-- ## Oracle's pseudo columns have no source
-- dialect: oracle
-- given: t(a)
select rownum as n, sysdate as d, a from t
--> a <- t.a identity
--> problem none

-- ## a sequence has no source
-- dialect: oracle, snowflake
-- given: t(a)
select my_seq.nextval as id, a from t
--> a <- t.a identity

-- ## AT TIME ZONE
-- dialect: postgres, duckdb
-- given: t(a, tz)
select a at time zone tz as x from t
--> x <- t.a transformation
--> x <- t.tz transformation

-- ## COLLATE is about order, not about value
-- dialect: tsql, postgres
-- given: t(a)
select a collate "C" as x from t
--> x <- t.a transformation

-- ## T-SQL names outputs by assignment
-- dialect: tsql
-- given: t(a, b)
select x = a + 1, b from t
--> x <- t.a transformation
--> b <- t.b identity

-- ## XML and JSON builders
-- dialect: postgres
-- given: t(a, b)
select json_build_object('a', a, 'b', b) as j, row_to_json(q) as r from t q
--> j <- t.a transformation
--> j <- t.b transformation
--> r <- t.a transformation over_approximate
--> r <- t.b transformation over_approximate

-- ## a lateral alias beside a table that nobody knows: it may be a column's name
-- dialect: snowflake, redshift, databricks, spark, none
select a + 1 as x, x * 2 as y from s.t
--> x <- s.t.a transformation
--> y <- s.t.a transformation guessed

-- ## an alias that hides the column it is made of: the table has the column
-- dialect: snowflake, redshift, databricks, spark, none
select coalesce(b, a) as a, a as y from s.t
--> a <- s.t.a transformation
--> a <- s.t.a conditional
--> a <- s.t.b transformation
--> a <- s.t.b conditional
--> y <- s.t.a identity
