Snowflake, after its SQL reference.

-- ## a semantic view: dimensions, facts and metrics over logical tables
-- dialect: snowflake
-- given: db.s.orders(o_id, c_id, amount, odate); db.s.customers(id, name, region)
create or replace semantic view db.s.sales
  tables (
    o as db.s.orders primary key (o_id) with synonyms ('orders'),
    c as db.s.customers primary key (id) comment = 'people'
  )
  relationships (o_to_c as o (c_id) references c)
  facts (o.net as amount * 0.9)
  dimensions (
    c.customer_name as c.name with synonyms = ('client') comment = 'who',
    o.year as year(o.odate)
  )
  metrics (o.revenue as sum(o.net), o.order_count as count(o.o_id))
  comment = 'x'
--> db.s.sales.net <- db.s.orders.amount transformation
--> db.s.sales.customer_name <- db.s.customers.name identity
--> db.s.sales.year <- db.s.orders.odate transformation
--> db.s.sales.revenue <- db.s.orders.amount aggregation
--> db.s.sales.order_count <- db.s.orders.o_id aggregation masked
--> reads db.s.orders, db.s.customers
--> writes db.s.sales
--> kind create_view

-- ## a semantic view without aliases and without known columns
-- dialect: snowflake
create semantic view v tables (db.s.t primary key (a)) dimensions (t.x as t.b) metrics (t.n as sum(t.c))
--> v.x <- db.s.t.b identity
--> v.n <- db.s.t.c aggregation

-- ## a secure view with policies and tags
-- dialect: snowflake
create or replace secure view s.v (a with tag (pii = 'y'), b with masking policy p using (b, a)) with row access policy r on (a) as select x, y from s.t
--> s.v.a <- s.t.x identity
--> s.v.b <- s.t.y identity

-- ## IDENTIFIER and TABLE name tables by text
-- dialect: snowflake
select i.a, t.b from identifier('db.s.one') i join table('db.s.two') t on i.k = t.k
--> a <- db.s.one.a identity
--> b <- db.s.two.b identity

-- ## a variant path in a CTE stays the whole column
-- dialect: snowflake
with c as (select v:items as items, id from s.t) select f.value:price::number as price, id from c, lateral flatten(input => items) f
--> price <- s.t.v transformation
--> id <- s.t.id identity

-- ## OBJECT_CONSTRUCT and friends transform
-- dialect: snowflake
-- given: s.t(a, b)
select object_construct('a', a, 'b', b) as o, array_construct(a) as l from s.t
--> o <- s.t.a transformation
--> o <- s.t.b transformation
--> l <- s.t.a transformation

-- ## MERGE with a VALUES source
-- dialect: snowflake
-- given: s.t(id, n)
merge into s.t using (values (1, 'x')) as src (id, n) on t.id = src.id when matched then update set n = src.n
--> writes s.t

-- ## a task runs its statement
-- dialect: snowflake
create or replace task s.k warehouse = w schedule = '60 minutes' as insert into s.t (x) select a from s.src
--> s.t.x <- s.src.a identity

-- ## UNDROP, ALTER SESSION and the like
-- dialect: snowflake
alter session set timezone = 'UTC'; show tables; describe table s.t; list @s.stage
--> problem none
--> writes nothing

-- ## multi-line comments with semicolons and slashes
-- dialect: snowflake
// a comment; with a semicolon
insert into s.t (x) select a from s.src /* ; */
--> s.t.x <- s.src.a identity

-- ## SAMPLE and QUALIFY together
-- dialect: snowflake
-- given: s.t(a, b)
select a from s.t sample (10) qualify row_number() over (order by b) = 1
--> a <- s.t.a identity
--> result <- s.t.b filter

-- ## positional columns of a stage have no source
-- dialect: snowflake
insert into s.t (x) select t.$1 from @s.stage/f (file_format => 'csv') t
--> writes s.t
--> problem none
