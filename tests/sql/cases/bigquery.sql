BigQuery, after its SQL reference.

-- ## a struct that the query builds has fields
-- dialect: bigquery, spark, databricks
-- given: d.s(a, b)
with q as (select struct(a as x, b as y) as st from d.s) select st.x as p, st.y + 1 as r from q
--> p <- d.s.a identity
--> r <- d.s.b transformation

-- ## the newest row of each group, by an array of rows
-- dialect: bigquery
-- given: d.s(id, ts, v)
select newest.* from (select array_agg(original order by ts desc limit 1)[offset(0)] as newest from d.s as original group by id)
--> id <- d.s.id aggregation star
--> ts <- d.s.ts aggregation star
--> v <- d.s.v aggregation star
--> result <- d.s.id group_by

-- ## unnesting an array of structs that the query builds
-- dialect: bigquery
-- given: d.s(k, a, b)
with q as (select k, array_agg(struct(a, b as c)) as items from d.s group by k) select k, i.a, i.c from q, unnest(items) as i
--> k <- d.s.k identity
--> a <- d.s.a aggregation
--> c <- d.s.b aggregation

-- ## SELECT AS STRUCT in a subquery
-- dialect: bigquery
-- given: d.s(a, b); d.u(k)
select (select as struct max(s.a) as m from d.s as s) as st from d.u
--> st <- d.s.a aggregation

-- ## scripting: variables are no columns
-- dialect: bigquery
declare cutoff date default date_sub(current_date(), interval 3 day);
insert into d.t (x) select a from d.s where dt > cutoff;
--> d.t.x <- d.s.a identity

-- ## a temporary function and a query
-- dialect: bigquery
create temp function plus(x int64) as (x + 1); select plus(a) as y from d.s
--> y <- d.s.a transformation

-- ## EXCEPT DISTINCT and INTERSECT DISTINCT
-- dialect: bigquery
-- given: d.s(a); d.u(b)
select a from d.s except distinct select b from d.u
--> a <- d.s.a identity
--> result <- d.s.a filter
--> result <- d.u.b filter
