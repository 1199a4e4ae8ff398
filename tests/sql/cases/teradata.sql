Teradata, after its SQL reference.

-- ## volatile tables
-- dialect: teradata
create multiset volatile table tmp, no log as (sel a, b from s.src) with data primary index (a) on commit preserve rows; ins into s.t (x) sel a from tmp
--> s.t.x <- s.src.a identity
--> writes s.t
--> reads s.src
--> problem none

-- ## options before AS and behind the query
-- dialect: teradata
create multiset table s.t, fallback, no before journal, checksum = default as (select a, b from s.src) with data and stats primary index (a)
--> s.t.a <- s.src.a identity
--> s.t.b <- s.src.b identity
--> problem none

-- ## a table as another
-- dialect: teradata
-- given: s.src(a)
create table s.t as s.src with data; create table s.u as s.src with no data
--> s.t.a <- s.src.a identity star
--> writes s.t, s.u
--> kind clone, create_table_like

-- ## abbreviations
-- dialect: teradata
ct s.t (x int); ins s.t sel a from s.src; upd s.u set c = 1; del from s.v all; ins s.w (1, 2)
--> s.t.x <- s.src.a identity
--> writes s.t, s.u, s.v, s.w
--> problem none

-- ## LOCKING before statements and queries
-- dialect: teradata
locking table s.src for access insert into s.t (x) sel a from s.src; replace view s.v (x, y) as locking s.src for access sel a, b from s.src; lock row for access select a from s.src
--> s.t.x <- s.src.a identity
--> s.v.x <- s.src.a identity
--> s.v.y <- s.src.b identity
--> a <- s.src.a identity
--> problem none

-- ## a macro is a routine
-- dialect: teradata
create macro s.m (p int) as (ins into s.t (x) sel a from s.src where b = :p; upd s.u set c = 1;); exec s.m (1)
--> s.t.x <- s.src.a identity
--> writes s.t, s.u
--> kind create_macro, insert, update, call, insert, update
--> problem none

-- ## BT and ET
-- dialect: teradata
bt; ins into s.t (x) sel a from s.src; et
--> s.t.x <- s.src.a identity
--> kind begin, insert, commit

-- ## casts in parentheses behind a blank
-- dialect: teradata
-- given: s.t(a, b, c)
sel a (date) as d, b (char(10), format 'x') as e, max(c) as m from s.t group by 1, 2
--> d <- s.t.a identity
--> e <- s.t.b identity
--> m <- s.t.c aggregation

-- ## ALTER without the word COLUMN
-- dialect: teradata
-- given: s.t(a, b)
alter table s.t add c int, drop b, rename a to z; insert into s.t select x, y from s.src
--> s.t.z <- s.src.x identity
--> s.t.c <- s.src.y identity

-- ## what says nothing about rows
-- dialect: teradata
collect stats column (a) on s.t; help table s.t; diagnostic x on for session; comment on table s.t 'x'; create join index s.j as select a from s.t primary index (a); drop macro s.m
--> problem none
--> writes nothing
