Kinds of flows and influences as OpenLineage's column lineage facet 1-2-0 means them, on Spark's SQL.

-- ## identity, transformation, aggregation
-- dialect: spark
-- given: t(a, b, c)
select a as i, a + 1 as t, sum(b) as s, sum(a + b) as e, count(*) as n from t group by a
--> i <- t.a identity
--> t <- t.a transformation
--> s <- t.b aggregation
--> e <- t.a aggregation
--> e <- t.b aggregation
--> result <- t.a group_by

-- ## each argument of COALESCE computes and decides, the last too
-- dialect: spark
-- given: t(a, b, c)
select coalesce(a, b, c) as x, nvl(a, b) as y, ifnull(b, c) as z from t
--> x <- t.a transformation
--> x <- t.a conditional
--> x <- t.b transformation
--> x <- t.b conditional
--> x <- t.c transformation
--> x <- t.c conditional
--> y <- t.a transformation
--> y <- t.a conditional
--> y <- t.b transformation
--> y <- t.b conditional
--> z <- t.b transformation
--> z <- t.b conditional
--> z <- t.c transformation
--> z <- t.c conditional
--> no influences

-- ## the tests of IF, NVL2 and CASE only decide
-- dialect: spark
-- given: t(a, b, c)
select if(a > 1, b, c) as x, nvl2(a, b, c) as y, case when a > 1 then b + 1 else c end as z, case a when 1 then b end as w from t
--> x <- t.a conditional
--> x <- t.b identity
--> x <- t.c identity
--> y <- t.a conditional
--> y <- t.b identity
--> y <- t.c identity
--> z <- t.a conditional
--> z <- t.b transformation
--> z <- t.c identity
--> w <- t.a conditional
--> w <- t.b identity

-- ## DISTINCT groups by all columns
-- dialect: spark
-- given: t(a, b)
select distinct a, b from t
--> a <- t.a identity
--> b <- t.b identity
--> result <- t.a group_by
--> result <- t.b group_by

-- ## a ranking has window sources only
-- dialect: spark
-- given: t(a, b, c)
select a, rank() over (partition by b order by c) as r, row_number() over (order by c) as n, ntile(4) over (order by b) as q from t
--> a <- t.a identity
--> r <- t.b window
--> r <- t.c window
--> n <- t.c window
--> q <- t.b window

-- ## an aggregate over a window, and what LAG and LEAD take
-- dialect: spark
-- given: t(a, b, c)
select sum(a) over (partition by b order by c) as s, lag(a) over (order by c) as l, lead(a, 1, b) over (order by c) as m from t
--> s <- t.a aggregation
--> s <- t.b window
--> s <- t.c window
--> l <- t.a transformation
--> l <- t.c window
--> m <- t.a transformation
--> m <- t.b transformation
--> m <- t.c window

-- ## a window over an aggregate
-- dialect: spark
-- given: t(a, b, c)
select a, sum(sum(b)) over (order by max(c)) as s from t group by a
--> a <- t.a identity
--> s <- t.b aggregation
--> s <- t.c window
--> result <- t.a group_by

-- ## an aggregate of a window of a subquery
-- dialect: spark
-- given: t(a, b, c)
select max(r) as x, sum(s) as y from (select rank() over (order by a) as r, sum(b) over (partition by c) as s from t)
--> y <- t.b aggregation
--> x <- t.a window
--> y <- t.c window

-- ## a case within an aggregate, an aggregate within a case
-- dialect: spark
-- given: t(a, b, c)
select sum(case when a > 1 then b else 0 end) as x, case when max(a) > 1 then sum(b) else min(c) end as y from t
--> x <- t.a conditional
--> x <- t.b aggregation
--> y <- t.a conditional
--> y <- t.b aggregation
--> y <- t.c aggregation

-- ## an expression over a subquery's aggregate stays an aggregation
-- dialect: spark
-- given: t(a, b)
select a, s * 2 as x, s as y from (select a, sum(b) as s from t group by a)
--> a <- t.a identity
--> x <- t.b aggregation
--> y <- t.b aggregation
--> result <- t.a group_by

-- ## functions that mask
-- dialect: spark
-- given: t(a, b)
select crc32(a) as a1, md5(a) as a2, sha(a) as a3, sha1(a) as a4, sha2(a, 256) as a5, hash(a, b) as a6, xxhash64(a) as a7, mask(a) as a8,
  murmur3(a) as a9, hive_hash(a) as b1 from t
--> a1 <- t.a transformation masked
--> a2 <- t.a transformation masked
--> a3 <- t.a transformation masked
--> a4 <- t.a transformation masked
--> a5 <- t.a transformation masked
--> a6 <- t.a transformation masked
--> a6 <- t.b transformation masked
--> a7 <- t.a transformation masked
--> a8 <- t.a transformation masked
--> a9 <- t.a transformation masked
--> b1 <- t.a transformation masked

-- ## a count masks, and so does what is made of a mask
-- dialect: spark
-- given: t(a, b)
select count(a) as x, count(distinct b) as y, upper(md5(a)) as z, max(sha2(b, 256)) as w, case when md5(a) = 'x' then b end as v from t
--> x <- t.a aggregation masked
--> y <- t.b aggregation masked
--> z <- t.a transformation masked
--> w <- t.b aggregation masked
--> v <- t.a conditional masked
--> v <- t.b identity

-- ## masked in a subquery, aggregated outside
-- dialect: spark
-- given: t(a, b)
select min(h) as x from (select md5(a) as h from t)
--> x <- t.a aggregation masked

-- ## a join of a table with itself counts both sides
-- dialect: spark
-- given: t(id, pid, a)
select l.a as x, r.a as y from t l join t r on l.id = r.pid
--> x <- t.a identity
--> y <- t.a identity
--> result <- t.id join
--> result <- t.pid join

-- ## joins of every kind
-- dialect: spark
-- given: t(id, a); u(id, b); v(id, c); w(id, d)
select a, b, c from t left join u on t.id = u.id full join v on v.id = u.id left semi join w on w.id = t.id
--> a <- t.a identity
--> b <- u.b identity
--> c <- v.c identity
--> result <- t.id join
--> result <- u.id join
--> result <- v.id join
--> result <- w.id join

-- ## filters, groups and orders of subqueries reach the whole
-- dialect: spark
-- given: t(a, b, c); u(a, d)
with x as (select a, b from t where c > 1 order by b), y as (select a, max(d) as m from u group by a having min(d) > 1)
select x.b, y.m from x join y on x.a = y.a order by y.m limit 10
--> b <- t.b identity
--> m <- u.d aggregation
--> result <- t.c filter
--> result <- t.b sort
--> result <- u.a group_by
--> result <- u.d filter
--> result <- t.a join
--> result <- u.a join
--> result <- u.d sort

-- ## a union takes each branch in its own way
-- dialect: spark
-- given: t(a, b); u(c, d)
select a as x, b + 1 as y from t union all select sum(c), d from u group by d
--> x <- t.a identity
--> x <- u.c aggregation
--> y <- t.b transformation
--> y <- u.d identity
--> result <- u.d group_by

-- ## structs, arrays and maps are made of their parts
-- dialect: spark
-- given: t(a, b)
select struct(a, b) as s, named_struct('x', a) as n, array(a, b) as l, map(a, b) as m from t
--> s <- t.a transformation
--> s <- t.b transformation
--> n <- t.a transformation
--> l <- t.a transformation
--> l <- t.b transformation
--> m <- t.a transformation
--> m <- t.b transformation

-- ## a field of a struct that was made of columns is its column
-- dialect: spark
-- given: t(a, b)
select s.x as x, s.y as y from (select named_struct('x', a, 'y', b + 1) as s from t)
--> x <- t.a identity
--> y <- t.b transformation

-- ## an element of an array, a value of a map
-- dialect: spark
-- given: t(l, m, i)
select l[i] as x, m['k'] as y, element_at(l, 1) as z from t
--> x <- t.l transformation
--> x <- t.i transformation
--> y <- t.m transformation
--> z <- t.l transformation

-- ## rows made of an array
-- dialect: spark
-- given: t(a, l, m)
select a, explode(l) as e from t union all select a, v from t lateral view explode(m) x as k, v
--> a <- t.a identity
--> e <- t.l transformation
--> e <- t.m transformation

-- ## scalar subqueries and subqueries in a filter
-- dialect: spark
-- given: t(a, b); u(a, c)
select a, (select max(c) from u where u.a = t.a) as m from t where b in (select c from u) and exists (select 1 from u where u.a = t.b)
--> a <- t.a identity
--> m <- u.c aggregation
--> result <- t.a filter
--> result <- t.b filter
--> result <- u.a filter
--> result <- u.c filter

-- ## functions over functions
-- dialect: spark
-- given: t(a, b)
select upper(trim(concat(a, b))) as x, cast(a as int) as y, date_add(to_date(b), 1) as z, a is null as n, not a as m from t
--> x <- t.a transformation
--> x <- t.b transformation
--> y <- t.a transformation
--> z <- t.b transformation
--> n <- t.a transformation
--> m <- t.a transformation

-- ## an insert and a table from a query
-- dialect: spark
create table d.x as select a, md5(b) as h from d.t where c = 1; insert into d.y (p, q) select a, h from d.x order by a
--> d.x.a <- d.t.a identity
--> d.x.h <- d.t.b transformation masked
--> d.y.p <- d.x.a identity
--> d.y.q <- d.x.h identity
--> d.x <- d.t.c filter
--> d.y <- d.x.a sort
