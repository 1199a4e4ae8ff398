How names are folded, compared and shown.

-- ## PostgreSQL folds to lower
-- dialect: postgres
-- case: exact
INSERT INTO S.T (X) SELECT Q.AbC FROM S.Src AS Q
--> s.t.x <- s.src.abc identity

-- ## quoted names are as written
-- dialect: postgres, duckdb
-- case: exact
create view mart."Net Worth (EUR)" as select c.id as "Customer", c.total as "Net Worth" from core.c as c
--> mart."Net Worth (EUR)".Customer <- core.c.id identity
--> mart."Net Worth (EUR)"."Net Worth" <- core.c.total identity

-- ## Snowflake folds to upper
-- dialect: snowflake, oracle
-- case: exact
insert into s.t (x, "lower") select a, "b" from s.src
--> S.T.X <- S.SRC.A identity
--> S.T.lower <- S.SRC.b identity

-- ## a schema in lower case for a platform of upper case means names without quotes
-- dialect: snowflake, oracle
-- case: exact
-- given: s.src(a, b); s.t(x, y)
insert into s.t select * from s.src
--> S.T.X <- S.SRC.A identity star
--> S.T.Y <- S.SRC.B identity star

-- ## names that differ by case are two columns
-- dialect: postgres
-- case: exact
-- given: s.src(abc, Abc, ABC)
select "Abc" as x, ABC as y from s.src
--> x <- s.src.Abc identity
--> y <- s.src.abc identity

-- ## BigQuery's tables keep their case, its columns do not
-- dialect: bigquery
-- case: exact
insert into D.T (X) select AbC from D.Src
--> D.T.x <- D.Src.abc identity

-- ## MySQL's tables keep their case
-- dialect: mysql
-- case: exact
insert into D.T (X) select AbC from D.Src
--> D.T.x <- D.Src.abc identity

-- ## ClickHouse keeps all case
-- dialect: clickhouse
-- case: exact
insert into D.T (X) select AbC from D.Src
--> D.T.X <- D.Src.AbC identity

-- ## Spark and Trino lower everything
-- dialect: spark, databricks, hive, trino
-- case: exact
insert into D.T select AbC as Y from D.Src
--> d.t.y <- d.src.abc identity guessed

-- ## the schema's spelling is shown where case does not count
-- dialect: duckdb, tsql, sqlite
-- case: exact
-- given: S.Src(CustomerId, Name)
select customerid as x, SRC.NAME as y from s.src
--> x <- S.Src.CustomerId identity
--> y <- S.Src.Name identity

-- ## brackets and backticks quote
-- dialect: tsql
insert into [s].[t] ([x y]) select [a b] from [s].[src]
--> s.t."x y" <- s.src."a b" identity

-- ## backticks
-- dialect: mysql, bigquery, spark, databricks, hive
insert into `s`.`t` (`x`) select `a` from `s`.`src`
--> s.t.x <- s.src.a identity

-- ## one pair of backticks around a whole name
-- dialect: bigquery
insert into `p.s.t` (x) select a from `p.s.src`
--> p.s.t.x <- p.s.src.a identity

-- ## a project with a dash
-- dialect: bigquery
insert into my-project.s.t (x) select a from my-project.s.src
--> my-project.s.t.x <- my-project.s.src.a identity

-- ## aliases do not care for case where columns do not
-- dialect: tsql, mysql, duckdb, bigquery
-- given: s.src(a)
select Q.A as x from s.src as q
--> x <- s.src.a identity

-- ## CTE names fold like others
-- dialect: postgres, snowflake, tsql, bigquery
-- given: s.src(a)
with C as (select a from s.src) select A as x from c
--> x <- s.src.a identity

-- ## four parts
-- dialect: tsql
insert into srv.db.dbo.t (x) select a from srv2.db.dbo.src
--> srv.db.dbo.t.x <- srv2.db.dbo.src.a identity

-- ## two dots leave the schema out
-- dialect: tsql, snowflake
-- database: db
-- schema: dbo
insert into other..t (x) select a from other..src
--> other.dbo.t.x <- other.dbo.src.a identity

-- ## an expression without a name
-- dialect: postgres, snowflake, duckdb
-- given: s.src(a)
create table s.t as select a, a + 1 from s.src
--> s.t.a <- s.src.a identity
--> s.t._col_1 <- s.src.a transformation

-- ## the name of a cast is the column's
-- dialect: postgres, duckdb, redshift
-- given: s.src(a)
create table s.t as select a::text from s.src
--> s.t.a <- s.src.a transformation

-- ## reserved words and unicode
-- dialect: postgres
-- given: s.src("order", "größe")
insert into s."table" ("user", "naïve") select "order", "größe" from s.src
--> s.table.user <- s.src.order identity
--> s.table.naïve <- s.src.größe identity

-- ## BigQuery date shards
-- dialect: bigquery
-- given: s.events_20240101(a)
select a from s.events_20240101
--> a <- s.events_20240101.a identity

-- ## BigQuery: tables for single days and wildcards over them are one family
-- dialect: bigquery
select a, b from `p.s.events_*` where _table_suffix = '20240101'; insert into p.s.t (x) select c from p.s.events_20240131; select d from `p.s.parts$20240131`; select e from p.s.events_202413
--> a <- p.s.events_yyyymmdd.a identity
--> b <- p.s.events_yyyymmdd.b identity
--> p.s.t.x <- p.s.events_yyyymmdd.c identity
--> d <- p.s.parts.d identity
--> e <- p.s.events_202413.e identity

-- ## but a table that the schema has under its own name
-- dialect: bigquery
-- given: s.events_20240101(a, b)
select * from s.events_20240101
--> a <- s.events_20240101.a identity star
--> b <- s.events_20240101.b identity star


-- ## a column of the table's own name
-- dialect: postgres, bigquery, duckdb, snowflake, none
select status, upper(x) as x from status
--> status <- status.status identity
--> x <- status.x transformation

-- ## names that change places
-- dialect: none, snowflake, databricks, redshift
insert into s.t (x, y) select a as b, b as a from s.src
--> s.t.x <- s.src.a identity
--> s.t.y <- s.src.b identity guessed
