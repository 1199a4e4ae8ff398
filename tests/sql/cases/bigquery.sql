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
--> id <- d.s.ts conditional
--> ts <- d.s.ts aggregation
--> ts <- d.s.ts conditional
--> v <- d.s.v aggregation star
--> v <- d.s.ts conditional
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

-- ## a field of an element of an array that the query builds
-- dialect: bigquery
select array_agg(struct(q.y as yy, q.z) order by q.w limit 1)[offset(0)].yy as x from d.s as q group by q.k
--> x <- d.s.y aggregation
--> x <- d.s.w conditional

-- ## an array of structs that is written out
-- dialect: bigquery
with q as (select [struct(a as x, b as y), struct(c, d)] as list from d.s) select e.x, e.y from q, unnest(list) as e
--> x <- d.s.a identity
--> x <- d.s.c identity
--> y <- d.s.b identity
--> y <- d.s.d identity

-- ## unnest with its position
-- dialect: bigquery
select s.id, item, place from d.s as s, unnest(s.items) as item with offset as place
--> id <- d.s.id identity
--> item <- d.s.items transformation
--> place <- d.s.items transformation

-- ## an array within an element of an array
-- dialect: bigquery
select h.page, p.sku from d.s as s, unnest(s.hits) as h, unnest(h.products) as p
--> page <- d.s.hits transformation over_approximate
--> sku <- d.s.hits transformation over_approximate

-- ## a scalar subquery over an array of key and value
-- dialect: bigquery
select (select value.string_value from unnest(event_params) where key = 'page') as page from d.s
--> page <- d.s.event_params transformation over_approximate
--> result <- d.s.event_params filter

-- ## ML.PREDICT passes its rows on
-- dialect: bigquery
select a, predicted_label from ml.predict(model d.m, (select a, upper(b) as b from d.s))
--> a <- d.s.a identity
--> predicted_label <- d.s.a transformation over_approximate
--> predicted_label <- d.s.b transformation over_approximate
--> reads d.s

-- ## a table as an argument
-- dialect: bigquery
-- given: d.s(ts, a)
select a from gap_fill(table d.s, ts_column => 'ts', bucket_width => interval 1 day)
--> a <- d.s.ts transformation over_approximate
--> a <- d.s.a transformation over_approximate
--> reads d.s

-- ## variables of a script are no columns
-- dialect: bigquery
declare lowest, highest int64 default 3; create table d.t as select a + lowest as x from d.s where b < highest
--> d.t.x <- d.s.a transformation
--> d.t <- d.s.b filter
