T-SQL, after its language reference.

-- ## hints and options are no columns
-- dialect: tsql
insert into s.t with (tablock) (x) select top 10 percent with ties a from s.src with (nolock) order by b option (maxdop 1)
--> s.t.x <- s.src.a identity
--> s.t <- s.src.b sort

-- ## MERGE with OUTPUT into a table
-- dialect: tsql
-- given: s.t(i, a); s.src(i, a); s.log(act, a)
merge into s.t using s.src on t.i = src.i when matched then update set a = src.a output $action, inserted.a into s.log (act, a);
--> s.t.a <- s.src.a identity
--> s.log.a <- s.t.a identity
--> writes s.t, s.log

-- ## DELETE with OUTPUT
-- dialect: tsql
-- given: s.t(i, a); s.old(i, a)
delete from s.t output deleted.i, deleted.a into s.old where i > 3
--> s.old.i <- s.t.i identity
--> s.old.a <- s.t.a identity
--> writes s.t, s.old

-- ## a view WITH SCHEMABINDING
-- dialect: tsql
create view s.v with schemabinding as select a from s.t
--> s.v.a <- s.t.a identity

-- ## FOR XML and FOR JSON keep the columns
-- dialect: tsql
select a from s.t for xml path('')
--> a <- s.t.a identity

-- ## VALUES in CROSS APPLY
-- dialect: tsql
-- given: s.t(a, b)
select v.x from s.t cross apply (values (t.a), (t.b)) as v(x)
--> x <- s.t.a identity
--> x <- s.t.b identity

-- ## CHOOSE is a function
-- dialect: tsql
select choose(a, b, c) as x from s.t
--> x <- s.t.a transformation
--> x <- s.t.b transformation
--> x <- s.t.c transformation

-- ## IF OBJECT_ID .. DROP
-- dialect: tsql
if object_id('tempdb..#t') is not null drop table #t
select a into #t from s.src
insert into s.u (x) select a from #t
--> s.u.x <- s.src.a identity
--> writes s.u

-- ## clustered keys
-- dialect: tsql
create table #t (a int primary key clustered, b int); insert into #t select x, y from s.src; insert into s.u (p, q) select a, b from #t
--> s.u.p <- s.src.x identity
--> s.u.q <- s.src.y identity

-- ## BULK INSERT writes
-- dialect: tsql
bulk insert s.t from 'x.csv' with (fieldterminator = ',')
--> writes s.t
--> kind copy_in

-- ## a table variable is seen through
-- dialect: tsql
declare @v table (a int, b int)
insert into @v select x, y from s.src
insert into s.t (p, q) select a, b from @v
--> s.t.p <- s.src.x identity
--> s.t.q <- s.src.y identity
--> writes s.t
--> reads s.src

-- ## SWITCH moves a partition
-- dialect: tsql
alter table s.stage switch partition 1 to s.t partition 1
--> reads s.stage
--> writes s.t

-- ## sp_rename renames
-- dialect: tsql
select a into s.new from s.src; exec sp_rename 's.new', 't'
--> s.t.a <- s.src.a identity
--> writes s.t

-- ## UPDATE with an expression of a joined aggregate
-- dialect: tsql
-- given: s.t(i, n); s.src(i, a)
update t set n = x.total from s.t as t inner join (select i, sum(a) as total from s.src group by i) as x on x.i = t.i
--> s.t.n <- s.src.a aggregation

-- ## a PIVOT of an unknown source
-- dialect: tsql
select p.[2020] as y from (select a, yr, v from s.t) as q pivot (sum(v) for yr in ([2020], [2021])) as p
--> y <- s.t.v aggregation
--> result <- s.t.a group_by
--> result <- s.t.yr group_by

-- ## statements without semicolons end where the next begins
-- dialect: tsql
create table #w (id int, v int)
insert #w select a, b from s.src
create clustered index ix on #w (id)
select @n = count(*) from #w
update t set t.v = w.v from s.t t join #w w on w.id = t.id where t.v <> w.v
set @n = @n - 1
if not exists (select 1 from s.q) insert into s.u (x) values (1)
drop index if exists ix on s.t
alter table s.t drop column if exists z
select id into s.made from #w
--> s.t.v <- s.src.b identity
--> s.made.id <- s.src.a identity
--> writes s.t, s.u, s.made
--> problem none

-- ## OUTPUT INTO a temporary table that the text did not make
-- dialect: tsql
-- given: s.t(id, v); s.src(id, v)
merge into s.t as t using s.src as q on t.id = q.id when matched then update set v = q.v output $action as act, inserted.id as id into #log;
insert into s.audit (what, which) select act, id from #log
--> s.t.v <- s.src.v identity
--> s.audit.which <- s.t.id identity guessed
--> problem none
