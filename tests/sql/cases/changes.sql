UPDATE, DELETE, MERGE.

-- ## UPDATE FROM
-- dialect: postgres, snowflake, bigquery, redshift, duckdb, tsql, sqlite
-- given: s.t(id, x); s.src(id, a)
update s.t set x = src.a + 1 from s.src where src.id = t.id
--> s.t.x <- s.src.a transformation
--> s.t <- s.src.id filter
--> s.t <- s.t.id filter
--> reads s.src
--> writes s.t
--> kind update

-- ## UPDATE with its own column
-- dialect: none, postgres, snowflake, mysql, tsql, oracle, duckdb
-- given: s.t(id, x, y)
update s.t set x = y, y = 0 where id > 1
--> s.t.x <- s.t.y identity
--> s.t <- s.t.id filter
--> writes s.t

-- ## UPDATE with an alias
-- dialect: postgres, duckdb
-- given: s.t(id, x); s.src(id, a)
update s.t as q set x = r.a from s.src as r where r.id = q.id
--> s.t.x <- s.src.a identity

-- ## UPDATE of an alias in FROM
-- dialect: tsql
-- given: s.t(id, x); s.src(id, a)
update q set q.x = r.a from s.t as q join s.src as r on r.id = q.id
--> s.t.x <- s.src.a identity
--> s.t <- s.src.id join
--> s.t <- s.t.id join
--> writes s.t

-- ## UPDATE with JOIN
-- dialect: mysql
-- given: s.t(id, x); s.src(id, a)
update s.t q join s.src r on r.id = q.id set q.x = r.a where r.a > 0
--> s.t.x <- s.src.a identity
--> s.t <- s.src.id join
--> s.t <- s.t.id join
--> s.t <- s.src.a filter

-- ## UPDATE of two tables
-- dialect: mysql
-- given: s.t(id, x); s.u(id, y)
update s.t q join s.u r on r.id = q.id set q.x = r.y, r.y = q.x
--> s.t.x <- s.u.y identity
--> s.u.y <- s.t.x identity
--> writes s.t, s.u

-- ## UPDATE by a correlated subquery
-- dialect: postgres, oracle, mysql, snowflake, tsql, sqlite
-- given: s.t(id, x); s.src(id, a)
update s.t set x = (select max(a) from s.src where src.id = t.id)
--> s.t.x <- s.src.a aggregation
--> reads s.src

-- ## UPDATE of several columns by one subquery
-- dialect: postgres, oracle, duckdb
-- given: s.t(id, x, y); s.src(id, a, b)
update s.t set (x, y) = (select a, b from s.src where src.id = t.id)
--> s.t.x <- s.src.a identity
--> s.t.y <- s.src.b identity

-- ## UPDATE of a row
-- dialect: postgres
-- given: s.t(id, x, y)
update s.t set (x, y) = (y, x)
--> s.t.x <- s.t.y identity
--> s.t.y <- s.t.x identity

-- ## UPDATE with a CTE
-- dialect: postgres, tsql, sqlite, mysql
-- given: s.t(id, x); s.src(id, a)
with c as (select id, a from s.src) update s.t set x = (select a from c where c.id = t.id)
--> s.t.x <- s.src.a identity

-- ## UPDATE of a constant reads nothing
-- dialect: postgres, mysql, snowflake
update s.t set x = 1
--> writes s.t
--> reads nothing

-- ## DELETE
-- dialect: none, postgres, snowflake, bigquery, mysql, tsql, oracle, duckdb
-- given: s.t(id)
delete from s.t where id > 1
--> writes s.t
--> s.t <- s.t.id filter
--> kind delete

-- ## DELETE by a subquery
-- dialect: postgres, snowflake, oracle, tsql
-- given: s.t(id); s.src(id, b)
delete from s.t where id in (select src.id from s.src where b > 0)
--> writes s.t
--> reads s.src
--> s.t <- s.t.id filter
--> s.t <- s.src.id filter
--> s.t <- s.src.b filter

-- ## DELETE USING
-- dialect: postgres, snowflake, duckdb, redshift
-- given: s.t(id); s.src(id)
delete from s.t using s.src where src.id = t.id
--> writes s.t
--> reads s.src
--> s.t <- s.t.id filter
--> s.t <- s.src.id filter

-- ## DELETE of an alias
-- dialect: tsql, mysql
-- given: s.t(id); s.src(id)
delete q from s.t as q join s.src as r on r.id = q.id
--> writes s.t
--> s.t <- s.t.id join
--> s.t <- s.src.id join

-- ## TRUNCATE
-- dialect: postgres, snowflake, mysql, tsql, bigquery, redshift, oracle, databricks
truncate table s.t
--> writes s.t
--> reads nothing
--> kind truncate

-- ## TRUNCATE of several tables
-- dialect: postgres
truncate s.t, s.u restart identity cascade
--> writes s.t, s.u

-- ## MERGE: each branch
-- dialect: none, postgres, snowflake, bigquery, databricks, tsql, oracle, teradata
-- given: s.t(id, x, y); s.src(id, a, b)
merge into s.t using s.src on (t.id = src.id) when matched then update set x = src.a when not matched then insert (id, x, y) values (src.id, src.a, src.b + 1)
--> s.t.x <- s.src.a identity
--> s.t.id <- s.src.id identity
--> s.t.y <- s.src.b transformation
--> s.t <- s.t.id join
--> s.t <- s.src.id join
--> reads s.src
--> writes s.t
--> kind merge

-- ## MERGE without any schema
-- dialect: snowflake, bigquery, tsql, postgres
merge into s.t as q using s.src as r on q.id = r.id when matched then update set x = r.a when not matched then insert (x) values (r.b)
--> s.t.x <- s.src.a identity
--> s.t.x <- s.src.b identity

-- ## MERGE using a query
-- dialect: postgres, snowflake, bigquery, databricks, tsql
-- given: s.t(id, n); s.src(id, a)
merge into s.t as q using (select id, count(*) as c, max(a) as m from s.src group by id) as r on q.id = r.id when matched then update set n = r.m
--> s.t.n <- s.src.a aggregation
--> s.t <- s.src.id group_by
--> s.t <- s.src.id join
--> s.t <- s.t.id join

-- ## MERGE with conditions and DELETE
-- dialect: snowflake, databricks, postgres, tsql, bigquery
-- given: s.t(id, x); s.src(id, a, gone)
merge into s.t as q using s.src as r on q.id = r.id when matched and r.gone then delete when matched then update set x = r.a
--> s.t.x <- s.src.a identity
--> s.t <- s.src.gone filter
--> s.t <- s.src.id join
--> s.t <- s.t.id join

-- ## MERGE with the target's own value
-- dialect: snowflake, postgres, bigquery
-- given: s.t(id, n); s.src(id, a)
merge into s.t as q using s.src as r on q.id = r.id when matched then update set n = q.n + r.a
--> s.t.n <- s.t.n transformation
--> s.t.n <- s.src.a transformation
--> reads s.t, s.src

-- ## MERGE: UPDATE * and INSERT * go by name
-- dialect: databricks, spark
-- given: s.t(id, x); s.src(x, id)
merge into s.t using s.src on t.id = src.id when matched then update set * when not matched then insert *
--> s.t.id <- s.src.id identity star
--> s.t.x <- s.src.x identity star

-- ## MERGE: INSERT * of an unknown source
-- dialect: databricks
merge into s.t using s.src on t.id = src.id when not matched then insert *
--> problem star
--> writes s.t

-- ## MERGE: INSERT ROW goes by position
-- dialect: bigquery
-- given: s.t(id, x); s.src(k, a)
merge s.t using s.src on t.id = src.k when not matched then insert row
--> s.t.id <- s.src.k identity star
--> s.t.x <- s.src.a identity star

-- ## MERGE: INSERT without a list goes by the target's position
-- dialect: postgres, snowflake, tsql
-- given: s.t(id, x); s.src(k, a)
merge into s.t using s.src on t.id = src.k when not matched then insert values (src.k, src.a)
--> s.t.id <- s.src.k identity
--> s.t.x <- s.src.a identity

-- ## MERGE with WHERE in its branches
-- dialect: oracle
-- given: s.t(id, x); s.src(id, a, b)
merge into s.t q using s.src r on (q.id = r.id) when matched then update set q.x = r.a where r.b > 0
--> s.t.x <- s.src.a identity
--> s.t <- s.src.b filter
--> s.t <- s.src.id join
--> s.t <- s.t.id join

-- ## MERGE NOT MATCHED BY SOURCE
-- dialect: databricks, tsql, bigquery
-- given: s.t(id, x); s.src(id, a)
merge into s.t using s.src on t.id = src.id when matched then update set x = src.a when not matched by source then delete
--> s.t.x <- s.src.a identity

-- ## DELETE through a common table expression
-- dialect: tsql
-- given: s.t(a, b)
with c as (select a, row_number() over (partition by a order by b) as n from s.t) delete from c where n > 1
--> writes s.t
--> s.t <- s.t.a filter
--> s.t <- s.t.b filter

-- ## UPDATE through a common table expression
-- dialect: tsql
-- given: s.t(a, b)
with c as (select a as x, b as y from s.t) update c set x = y
--> s.t.a <- s.t.b identity
--> writes s.t

-- ## MERGE: bare names in INSERT are the source's
-- dialect: bigquery, snowflake, databricks, postgres
-- given: s.t(id, v); s.src(id, v)
merge into s.t as q using s.src as r on q.id = r.id when not matched and v > 0 then insert (id, v) values (id, v + 1)
--> s.t.id <- s.src.id identity
--> s.t.v <- s.src.v transformation
--> s.t <- s.src.v filter
--> s.t <- s.t.id join
--> s.t <- s.src.id join
--> problem none

-- ## MERGE: the same without any schema
-- dialect: bigquery, snowflake
merge into s.t as q using s.src as r on q.id = r.id when not matched then insert (id, v) values (id, v)
--> s.t.id <- s.src.id identity
--> s.t.v <- s.src.v identity
--> problem none

-- ## UPDATE of a query writes to the tables behind its columns
-- dialect: oracle
-- given: s.t(id, a); s.src(id, b)
update (select t.a as ta, src.b as sb from s.t t join s.src src on t.id = src.id) v set v.ta = v.sb
--> s.t.a <- s.src.b identity
--> reads s.t, s.src
--> writes s.t
--> problem none

-- ## DELETE from and INSERT into a query
-- dialect: oracle
-- given: s.t(a, b)
delete from (select * from s.t where a > 1); insert into (select b, a from s.t) select c, d from s.src
--> s.t.b <- s.src.c identity
--> s.t.a <- s.src.d identity
--> writes s.t

-- ## UPDATE through a common table expression over two tables
-- dialect: tsql
-- given: s.t(id, a); s.src(id, b)
with c as (select t.a as x, src.b as y from s.t join s.src on t.id = src.id) update c set x = y
--> s.t.a <- s.src.b identity
--> writes s.t

-- ## a common table expression is no target elsewhere
-- dialect: postgres, sqlite
with t as (select a from src) insert into t (x) select a from t
--> t.x <- src.a identity
--> writes t
--> reads src

-- ## TOP, and DELETE with two FROMs
-- dialect: tsql
delete top (10) from s.t where a = 1; delete from q from s.u q where exists (select 1 from s.src where src.i = q.i); update top (5) percent s.v set a = 1
--> writes s.t, s.u, s.v
--> reads s.src
--> problem none

-- ## compound assignments
-- dialect: tsql
-- given: s.t(i, a, b); s.src(i, x)
update s.t set a += x, b *= 2 from s.src where src.i = t.i
--> s.t.a <- s.t.a transformation
--> s.t.a <- s.src.x transformation
--> s.t.b <- s.t.b transformation

-- ## an assignment to a variable on the way
-- dialect: tsql
-- given: s.t(b, c)
update s.t set @x = b = c, @y = 1
--> s.t.b <- s.t.c identity

-- ## DELETE from several tables
-- dialect: mysql
delete t, u from t join u on t.i = u.i join w on w.i = u.i; delete from p, q using p join q on p.i = q.i
--> writes t, u, p, q

-- ## REMOVE DUPLICATES replaces whole rows
-- dialect: redshift
-- given: s.t(id, x); s.src(id, x)
merge into s.t using s.src on t.id = src.id remove duplicates
--> s.t.id <- s.src.id identity star
--> s.t.x <- s.src.x identity star

-- ## a MERGE in FROM has the rows of its OUTPUT
-- dialect: tsql
-- given: s.u(i, q); s.src(i, q)
insert into s.t (x, y) select a, b from (merge into s.u using s.src on u.i = src.i when matched then update set q = src.q output $action, inserted.i, deleted.q) as changes (act, a, b) where act = 'UPDATE'
--> s.u.q <- s.src.q identity
--> s.t.x <- s.u.i identity
--> s.t.y <- s.u.q identity
--> writes s.t, s.u
--> problem none

-- ## a join hint is no MERGE
-- dialect: tsql
select a.x from s.a inner merge join s.b on b.id = a.id
--> x <- s.a.x identity
--> reads s.a, s.b
--> problem none

-- ## functions that a query brings with it
-- dialect: trino
with function f(a integer) returns varchar begin if a = 0 then return 'zero'; end if; return 'other'; end select f(x) as y from s.t; select z from s.u
--> y <- s.t.x transformation
--> z <- s.u.z identity
--> problem none

-- ## what is deleted from is not read, though it stands in FROM
-- dialect: tsql, mysql
delete t from s.tbl t join s.src q on q.i = t.i
--> reads s.src
--> writes s.tbl

-- ## but where it stands there twice it is
-- dialect: tsql, mysql
delete t from s.tbl t join s.tbl u on u.i = t.p
--> reads s.tbl
