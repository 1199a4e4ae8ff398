What cannot be known is said, and no edge is guessed in its place.

-- ## text that is no SQL
-- dialect: none, postgres, snowflake, bigquery, tsql, spark
insert into s.t select from where
--> problem unparsed
--> writes nothing

-- ## one bad statement does not cost the others
-- dialect: postgres, snowflake, mysql
insert into s.t (x) select a from s.src; selec nonsense from; insert into s.u (y) select b from s.src
--> s.t.x <- s.src.a identity
--> s.u.y <- s.src.b identity
--> problem unparsed

-- ## a quote that does not end
-- dialect: postgres, snowflake
insert into s.t (x) select 'a from s.src
--> problem unparsed

-- ## Jinja left over
-- dialect: postgres, snowflake, bigquery
insert into s.t (x) select a from {{ ref('src') }}
--> problem dynamic

-- ## Jinja blocks
-- dialect: snowflake
select a from s.t {% if x %} where b > 0 {% endif %}
--> problem dynamic

-- ## a column that no table has
-- dialect: postgres, snowflake, duckdb
-- given: s.t(a); s.u(b)
select c from s.t cross join s.u
--> problem unresolved

-- ## a qualified column that the known table lacks: the text says so
-- dialect: postgres, snowflake, tsql
-- given: s.t(a)
select t.new_column as x from s.t
--> x <- s.t.new_column identity guessed

-- ## a bare column that the only table lacks
-- dialect: postgres, snowflake
-- given: s.t(a)
select new_column as x from s.t
--> x <- s.t.new_column identity guessed

-- ## a qualifier that names nothing
-- dialect: postgres, snowflake, tsql, mysql
-- given: s.t(a)
select z.a from s.t
--> problem unresolved

-- ## a set operation over an unknown star
-- dialect: postgres, snowflake
-- given: s.t(a, b)
select a, b from s.t union all select * from s.u
--> a <- s.t.a identity
--> b <- s.t.b identity
--> problem star

-- ## unknown stars on both sides are matched by name
-- dialect: postgres, snowflake
with c as (select * from s.t union all select * from s.u) select a from c
--> a <- s.t.a identity
--> a <- s.u.a identity guessed

-- ## branches of different width
-- dialect: postgres
-- given: s.t(a, b); s.u(c)
select a, b from s.t union all select c from s.u
--> a <- s.t.a identity
--> a <- s.u.c identity
--> b <- s.t.b identity
--> problem unresolved

-- ## dynamic SQL
-- dialect: postgres, snowflake, oracle, bigquery
execute immediate x
--> problem dynamic

-- ## an empty text
-- dialect: none, postgres
-- only a comment
--> problem none
--> reads nothing
