What platforms have of their own within queries, after their references.

-- ## T-SQL: methods of an XML column
-- dialect: tsql
select s.id, s.doc.value('(a)[1]', 'int') as a, doc.query('/b') as b, dbo.f(s.c) as c from dbo.src as s
--> id <- dbo.src.id identity
--> a <- dbo.src.doc transformation
--> b <- dbo.src.doc transformation
--> c <- dbo.src.c transformation

-- ## T-SQL: a list of values through FOR XML
-- dialect: tsql
select s.id, stuff((select ',' + u.nm from dbo.u as u where u.sid = s.id for xml path(''), type).value('.', 'nvarchar(max)'), 1, 1, '') as names
from dbo.src as s
--> id <- dbo.src.id identity
--> names <- dbo.u.nm transformation
--> result <- dbo.src.id filter
--> result <- dbo.u.sid filter

-- ## T-SQL: nodes of an XML column
-- dialect: tsql
select n.x.value('@a', 'int') as a from dbo.src as s cross apply s.doc.nodes('/r') as n(x)
--> a <- dbo.src.doc transformation

-- ## T-SQL: a full-text table's arguments are names
-- dialect: tsql
select k.[key], s.a from dbo.src as s join containstable(dbo.src, doc, 'x') as k on s.id = k.[key]
--> a <- dbo.src.a identity
--> problem none

-- ## T-SQL: OPENJSON without a schema
-- dialect: tsql
select j.[key], j.value from dbo.src as s cross apply openjson(s.doc) as j
--> key <- dbo.src.doc transformation
--> value <- dbo.src.doc transformation

-- ## DuckDB: methods of values
-- dialect: duckdb
select a.upper().lower() as x, s.b.length() as y, (a || c).trim() as z, list(d).list_sort() as l from src as s
--> x <- src.a transformation
--> y <- src.b transformation
--> z <- src.a transformation
--> z <- src.c transformation
--> l <- src.d aggregation

-- ## DuckDB: a list comprehension names its elements
-- dialect: duckdb
select [x + k for x in arr if x > lim] as l from src
--> l <- src.arr transformation
--> l <- src.k transformation
--> l <- src.lim transformation

-- ## DuckDB: a subquery in FROM sees its neighbours
-- dialect: duckdb
select s.id, l.z from src as s, (select s.a + 1 as z) as l
--> id <- src.id identity
--> z <- src.a transformation

-- ## DuckDB: COLUMNS within an expression is not expanded, and says so
-- dialect: duckdb
-- given: src(a, b)
select min(columns(*)) from src
--> problem star

-- ## Oracle: methods of an object column, functions of a package
-- dialect: oracle
select s.doc.getclobval() as x, pkg.f(s.a) as y from s.src s
--> x <- s.src.doc transformation
--> y <- s.src.a transformation

-- ## Oracle: pseudo columns of a table that nobody knows
-- dialect: oracle
select id, level as lv, rownum as rn, user as u, connect_by_isleaf as leaf from s.src start with pid is null connect by prior id = pid
--> id <- s.src.id identity
--> problem none

-- ## LEVEL is a column elsewhere
-- dialect: postgres, mysql, bigquery, none
select level from s.src
--> level <- s.src.level identity

-- ## Snowflake: LEVEL
-- dialect: snowflake
select id, level as lv from s.src start with pid is null connect by pid = prior id
--> id <- s.src.id identity

-- ## PRIOR in the select list is the parent's value of the column
-- dialect: snowflake, oracle
select prior id as parent, name from s.src start with pid is null connect by pid = prior id
--> parent <- s.src.id identity
--> name <- s.src.name identity

-- ## the next value of a sequence has no source
-- dialect: snowflake, oracle, none
insert into s.t (id, a) select s.my_seq.nextval, x.a from s.src x join s.other o on o.id = x.id
--> s.t.a <- s.src.a identity
--> problem none

-- ## Snowflake: GETNEXTVAL
-- dialect: snowflake
select s.nextval as id, a from s.src, table(getnextval(my_seq)) as s
--> a <- s.src.a identity
--> problem none

-- ## Snowflake: a column by its place
-- dialect: snowflake
-- given: s.src(a, b)
select $2 as y, q.$1 as x, $1:p::int as p from s.src as q
--> y <- s.src.b identity
--> x <- s.src.a identity
--> p <- s.src.a transformation

-- ## Snowflake: a place in a table that nobody knows
-- dialect: snowflake
select $2 as y from s.src
--> problem star

-- ## Snowflake: a place in a staged file
-- dialect: snowflake
select $1 as x, q.$2:a::int as y from @s.stage/path as q
--> problem none

-- ## Snowflake: a semantic view
-- dialect: snowflake
select z.region, total, seller from semantic_view(db.s.v dimensions c.region, c.nm as seller metrics o.total where c.active) as z
--> region <- db.s.v.region identity
--> total <- db.s.v.total identity
--> seller <- db.s.v.nm identity
--> result <- db.s.v.active filter

-- ## Snowflake: all columns in one object
-- dialect: snowflake
-- given: s.src(a, b)
select object_construct(*) as o, hash(q.*) as h, count(*) as n from s.src as q
--> o <- s.src.a transformation over_approximate
--> o <- s.src.b transformation over_approximate
--> h <- s.src.a transformation masked over_approximate
--> h <- s.src.b transformation masked over_approximate

-- ## all columns of a table that nobody knows, in one value
-- dialect: snowflake, spark, databricks
select hash(*) as o, count(*) as n from s.src
--> problem star

-- ## PostgreSQL: a row with a star
-- dialect: postgres
-- given: s.src(a, b)
select to_jsonb(q.*) as j from s.src as q
--> j <- s.src.a transformation over_approximate
--> j <- s.src.b transformation over_approximate

-- ## Spark: a struct of all columns
-- dialect: spark, databricks
-- given: s.src(a, b)
select to_json(struct(*)) as j from s.src
--> j <- s.src.a transformation over_approximate
--> j <- s.src.b transformation over_approximate

-- ## ClickHouse: WITH gives expressions names
-- dialect: clickhouse
with a + 1 as b, (select max(z) from u) as m select b * 2 as x, m, q.y from src, (select b as y from other) as q
--> x <- src.a transformation
--> m <- u.z aggregation
--> y <- other.a transformation

-- ## ClickHouse: a table of another server
-- dialect: clickhouse
select a from remote('host', 'db', 'src')
--> a <- db.src.a identity

-- ## ClickHouse: a table of a cluster
-- dialect: clickhouse
select a from cluster('c', db.src)
--> a <- db.src.a identity

-- ## ClickHouse: a path into an unfolded array
-- dialect: clickhouse
select n.a as x from src array join nested as n
--> x <- src.nested transformation over_approximate

-- ## Redshift: arrays in FROM, one in the other
-- dialect: redshift
select c.nm, o.id, i.price from s.customer as c, c.orders as o, o.items as i
--> nm <- s.customer.nm identity
--> id <- s.customer.orders transformation over_approximate
--> price <- s.customer.orders transformation over_approximate

-- ## Redshift: an array with its index, an object with its names
-- dialect: redshift
select place, item, k, v from s.src as s, s.items as item at place, unpivot s.obj as v at k
--> place <- s.src.items transformation
--> item <- s.src.items transformation
--> k <- s.src.obj transformation
--> v <- s.src.obj transformation

-- ## Hive: what a script makes of its input
-- dialect: hive, spark
select transform(a, b) using 'cat' as (x, y) from s.src
--> x <- s.src.a transformation
--> x <- s.src.b transformation
--> y <- s.src.a transformation
--> y <- s.src.b transformation

-- ## several arrays at once are a column each
-- dialect: trino, presto, postgres
select id, a, b from s.src cross join unnest(arr1, arr2) as u(a, b)
--> id <- s.src.id identity
--> a <- s.src.arr1 transformation
--> b <- s.src.arr2 transformation

-- ## Trino: a table as an argument
-- dialect: trino
-- given: s.src(a, b)
select a from table(f(input => table(s.src), columns => descriptor(b)))
--> a <- s.src.a transformation over_approximate
--> a <- s.src.b transformation over_approximate

-- ## Databricks: a table as an argument
-- dialect: databricks
select a from f(table(s.src), 3)
--> reads s.src
--> problem star

-- ## Databricks: a table by its name as text
-- dialect: databricks
select a from identifier('c.s.src')
--> a <- c.s.src.a identity

-- ## a pattern over rows: bare names and names of its parts are columns of the table
-- dialect: snowflake, oracle, trino
select * from s.src match_recognize (partition by sym order by ts measures first(down.price) as lo, last(price) as hi
  one row per match pattern (down+ up+) define down as price < prev(price), up as up.price > prev(up.price))
--> sym <- s.src.sym identity
--> lo <- s.src.price aggregation
--> hi <- s.src.price aggregation
--> result <- s.src.price filter

-- ## Databricks: a field of a struct made before
-- dialect: databricks, spark
-- given: s.src(a, b)
select named_struct('p', a, 'q', b) as st, st.p as y from s.src
--> st <- s.src.a transformation
--> st <- s.src.b transformation
--> y <- s.src.a identity

-- ## a table's alias is no value here, so the name is a column
-- dialect: none, snowflake, oracle, tsql, mysql
select a.x, a from s.src a
--> x <- s.src.x identity
--> a <- s.src.a identity

-- ## the unit of a date function is no column, wherever the parser of no dialect puts it
-- dialect: none
select datediff(day, a, b) as x, dateadd(month, 1, a) as y, date_part(year, b) as z, date_trunc(a, week) as w, date_diff('day', a, b) as v from s.src
--> x <- s.src.a transformation
--> x <- s.src.b transformation
--> y <- s.src.a transformation
--> z <- s.src.b transformation
--> w <- s.src.a transformation
--> v <- s.src.a transformation
--> v <- s.src.b transformation

-- ## a unit's name is a column's elsewhere
-- dialect: none, postgres, snowflake
select upper(day) as x, month from s.src
--> x <- s.src.day transformation
--> month <- s.src.month identity

-- ## an interval of a column's length
-- dialect: duckdb, bigquery, mysql
select d + interval (n) day as x from s.src
--> x <- s.src.d transformation
--> x <- s.src.n transformation

-- ## the next value of a sequence, in words
-- dialect: tsql
select next value for s.seq as id, a from s.src
--> a <- s.src.a identity

-- ## PostgreSQL: a function's alias is its value
-- dialect: postgres
select v, w + 1 as x from s.src as s, lateral f(s.a) as v, g(s.b) as w
--> v <- s.src.a transformation over_approximate
--> x <- s.src.b transformation over_approximate

-- ## BigQuery: a table's full name in quotes before a column and its field
-- dialect: bigquery
select `p.d.t`.`c`.`f`, `p.d.t`.g from `p.d.t`
--> f <- p.d.t."c.f" identity guessed
--> g <- p.d.t.g identity

-- ## Teradata: tables that are not in FROM
-- dialect: teradata
select src.a, d.u.b where src.id = d.u.id
--> a <- src.a identity
--> b <- d.u.b identity
--> result <- src.id filter
--> result <- d.u.id filter
--> reads src, d.u
