Forms of the parser's trees that are met seldom.

-- ## MERGE with USING in place of ON
-- dialect: duckdb
-- given: s.t(id, k, x); s.src(id, k, a)
merge into s.t using s.src using (id, k) when matched then update set x = src.a
--> s.t.x <- s.src.a identity
--> s.t <- s.t.id join
--> s.t <- s.t.k join
--> s.t <- s.src.id join
--> s.t <- s.src.k join
--> reads s.src
--> kind merge

-- ## MERGE with UPDATE * and INSERT *
-- dialect: none, snowflake, databricks
-- given: s.t(id, x); s.src(id, x)
merge into s.t using s.src on t.id = src.id when matched then update * when not matched then insert *
--> s.t.id <- s.src.id identity star
--> s.t.x <- s.src.x identity star
--> s.t <- s.t.id join
--> s.t <- s.src.id join

-- ## inserts into directories have no target
-- dialect: hive
from s.x insert overwrite local directory '/tmp/a' select k insert overwrite table s.t select k
--> s.t.k <- s.x.k identity guessed
--> writes s.t

-- ## a set operation that lacks its second query
-- dialect: none, tsql, postgres
select a from s.t union
--> problem unsupported

-- ## UNPIVOT makes no row of what is null
-- dialect: duckdb, snowflake, bigquery, databricks, oracle, tsql
-- given: s.t(id, x, y)
select id, v from s.t unpivot (v for n in (x, y)) u
--> id <- s.t.id identity
--> v <- s.t.x identity
--> v <- s.t.y identity
--> result <- s.t.x filter
--> result <- s.t.y filter

-- ## UNPIVOT INCLUDE NULLS makes a row of everything
-- dialect: duckdb, snowflake, bigquery, databricks, oracle
-- given: s.t(id, x, y)
select id, v from s.t unpivot include nulls (v for n in (x, y)) u
--> id <- s.t.id identity
--> v <- s.t.x identity
--> v <- s.t.y identity
--> no influences
