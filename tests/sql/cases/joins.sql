Joins.

-- ## ON joins rows
-- dialect: none, postgres, redshift, snowflake, bigquery, databricks, spark, hive, trino, tsql, mysql, oracle, duckdb, clickhouse, teradata, sqlite
-- given: s.t(id, a); s.u(id, b)
select t.a, u.b from s.t t left join s.u u on t.id = u.id and u.b > 0
--> a <- s.t.a identity
--> b <- s.u.b identity
--> result <- s.t.id join
--> result <- s.u.id join
--> result <- s.u.b join

-- ## bare names find their table by its columns
-- dialect: none, postgres, snowflake, bigquery, spark, tsql, mysql, oracle, duckdb
-- given: s.t(id, a); s.u(uid, b)
select a, b from s.t join s.u on id = uid
--> a <- s.t.a identity
--> b <- s.u.b identity
--> result <- s.t.id join
--> result <- s.u.uid join

-- ## a bare name that only the unknown table can have
-- dialect: postgres, snowflake, duckdb, tsql
-- given: s.t(id, a)
select a, b from s.t join s.u on s.t.id = s.u.id
--> a <- s.t.a identity
--> b <- s.u.b identity

-- ## a bare name among unknown tables is said, not guessed
-- dialect: postgres, snowflake, bigquery, spark, tsql, mysql
select b from s.t join s.u on t.id = u.id
--> problem ambiguous

-- ## a bare name that both have
-- dialect: postgres, snowflake, tsql
-- given: s.t(id, a); s.u(id, a)
select a from s.t join s.u on t.id = u.id
--> problem ambiguous

-- ## USING merges
-- dialect: postgres, snowflake, bigquery, spark, mysql, duckdb, trino, oracle, sqlite
-- given: s.t(id, a); s.u(id, b)
select id, a, b from s.t join s.u using (id)
--> id <- s.t.id identity
--> id <- s.u.id identity
--> a <- s.t.a identity
--> b <- s.u.b identity
--> result <- s.t.id join
--> result <- s.u.id join

-- ## USING of unknown tables
-- dialect: postgres, snowflake, spark
select id, t.a from s.t join s.u using (id)
--> id <- s.t.id identity
--> id <- s.u.id identity
--> a <- s.t.a identity

-- ## USING over three tables
-- dialect: postgres, duckdb, mysql
-- given: s.t(id, a); s.u(id, b); s.v(id, c)
select id from s.t join s.u using (id) join s.v using (id)
--> id <- s.t.id identity
--> id <- s.u.id identity
--> id <- s.v.id identity

-- ## NATURAL JOIN merges what both have
-- dialect: postgres, duckdb, mysql, oracle, sqlite
-- given: s.t(id, a); s.u(id, b)
select id, a, b from s.t natural join s.u
--> id <- s.t.id identity
--> id <- s.u.id identity
--> a <- s.t.a identity
--> b <- s.u.b identity
--> result <- s.t.id join
--> result <- s.u.id join

-- ## a self-join counts each side
-- dialect: none, postgres, snowflake, tsql, mysql, oracle, duckdb
-- given: s.t(id, boss, name)
select e.name as employee, m.name as manager from s.t e join s.t m on e.boss = m.id
--> employee <- s.t.name identity
--> manager <- s.t.name identity
--> result <- s.t.boss join
--> result <- s.t.id join

-- ## a comma is a join
-- dialect: none, postgres, snowflake, oracle, mysql, tsql, hive
-- given: s.t(id, a); s.u(id, b)
select t.a, u.b from s.t t, s.u u where t.id = u.id
--> a <- s.t.a identity
--> b <- s.u.b identity
--> result <- s.t.id filter
--> result <- s.u.id filter

-- ## Oracle's outer join
-- dialect: oracle
-- given: s.t(id, a); s.u(id, b)
select t.a, u.b from s.t t, s.u u where t.id = u.id (+)
--> a <- s.t.a identity
--> b <- s.u.b identity

-- ## joins in parentheses
-- dialect: postgres, mysql, tsql, snowflake
-- given: s.t(id, a); s.u(id, b); s.v(id, c)
select t.a, v.c from s.t t left join (s.u u join s.v v on u.id = v.id) on t.id = u.id
--> a <- s.t.a identity
--> c <- s.v.c identity
--> result <- s.t.id join
--> result <- s.u.id join
--> result <- s.v.id join

-- ## nested joins without parentheses
-- dialect: postgres, tsql
-- given: s.t(id, a); s.u(id, b); s.v(id, c)
select t.a, v.c from s.t t left join s.u u join s.v v on u.id = v.id on t.id = u.id
--> a <- s.t.a identity
--> c <- s.v.c identity

-- ## LEFT SEMI JOIN
-- dialect: hive, spark
-- given: s.t(id, a); s.u(id, b)
select a from s.t left semi join s.u on t.id = u.id
--> a <- s.t.a identity
--> result <- s.t.id join
--> result <- s.u.id join

-- ## ASOF JOIN
-- dialect: duckdb
-- given: s.t(ts, a); s.u(ts, b)
select a, b from s.t asof join s.u on t.ts >= u.ts
--> a <- s.t.a identity
--> b <- s.u.b identity
--> result <- s.t.ts join
--> result <- s.u.ts join

-- ## ASOF JOIN with MATCH_CONDITION
-- dialect: snowflake
-- given: s.t(ts, k, a); s.u(ts, k, b)
select t.a, u.b from s.t t asof join s.u u match_condition (t.ts >= u.ts) on t.k = u.k
--> a <- s.t.a identity
--> b <- s.u.b identity
--> result <- s.t.ts join
--> result <- s.u.ts join
--> result <- s.t.k join
--> result <- s.u.k join

-- ## a subquery in ON
-- dialect: postgres, snowflake
-- given: s.t(id, a); s.u(id); s.v(id)
select t.a from s.t t join s.u u on t.id = u.id and u.id in (select v.id from s.v v)
--> a <- s.t.a identity
--> reads s.t, s.u, s.v
--> result <- s.t.id join
--> result <- s.u.id join
--> result <- s.v.id join

-- ## tables of one name in two schemas
-- dialect: postgres, snowflake, tsql
-- given: one.t(id, a); two.t(id, b)
select one.t.a, two.t.b from one.t join two.t on one.t.id = two.t.id
--> a <- one.t.a identity
--> b <- two.t.b identity
--> result <- one.t.id join
--> result <- two.t.id join

-- ## names with the schema in front
-- dialect: postgres, tsql, snowflake
-- database: db
-- given: db.s.t(a)
select s.t.a from s.t
--> a <- db.s.t.a identity

-- ## after a semi or anti join a bare name is the left side's
-- dialect: spark, databricks, hive, duckdb
select x, y from s.a as a left semi join s.b as b on a.id = b.id
--> x <- s.a.x identity
--> y <- s.a.y identity
--> result <- s.a.id join
--> result <- s.b.id join

-- ## a semi join with itself
-- dialect: spark, databricks
-- given: s.t(id, pid, x)
select * from s.t as a left anti join s.t as b on a.id = b.pid
--> id <- s.t.id identity star
--> pid <- s.t.pid identity star
--> x <- s.t.x identity star

-- ## a star begins with the columns of USING
-- dialect: postgres, mysql, snowflake, trino, oracle, spark
-- given: s.a(x, k); s.b(k, y); s.t(p, q, r)
insert into s.t select * from s.a join s.b using (k)
--> s.t.p <- s.a.k identity
--> s.t.p <- s.b.k identity
--> s.t.q <- s.a.x identity star
--> s.t.r <- s.b.y identity star

-- ## but not here
-- dialect: duckdb, sqlite
-- given: s.a(x, k); s.b(k, y); s.t(p, q, r)
insert into s.t select * from s.a join s.b using (k)
--> s.t.p <- s.a.x identity star
--> s.t.q <- s.a.k identity
--> s.t.q <- s.b.k identity
--> s.t.r <- s.b.y identity star

-- ## USING of a semi join makes no column
-- dialect: spark, databricks, duckdb
-- given: s.a(k, x); s.b(k, y)
select * from s.a left semi join s.b using (k)
--> k <- s.a.k identity star
--> x <- s.a.x identity star
--> result <- s.a.k join
--> result <- s.b.k join

-- ## a join with a subquery in parentheses, with a name
-- dialect: postgres, none, snowflake
-- given: s.a(k, x); s.b(k, y)
select j.x, j.y from ((select k, x from s.a) as q cross join s.b) as j
--> x <- s.a.x identity
--> y <- s.b.y identity

-- ## a join in parentheses, without a name
-- dialect: postgres, none, tsql
select q.x, b.y from ((select k, x from s.a) as q inner join s.b as b on b.k = q.k)
--> x <- s.a.x identity
--> y <- s.b.y identity
--> result <- s.a.k join
--> result <- s.b.k join

-- ## joins in parentheses within parentheses
-- dialect: postgres, none, tsql
select a.x, b.y, c.z, d.w from ((s.a as a cross join s.b as b) cross join (s.c as c cross join (s.d as d)))
--> x <- s.a.x identity
--> y <- s.b.y identity
--> z <- s.c.z identity
--> w <- s.d.w identity
