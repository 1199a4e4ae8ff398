Scripts: what clients understand and servers never see, and where routines end.

-- ## mysql's DELIMITER
-- dialect: mysql
delimiter //
create procedure p() begin insert into s.t (x) select a from s.src; update s.t set y = 1; end //
create procedure q() begin insert into s.u (x) select b from s.src; end//
delimiter ;
insert into s.v (x) select c from s.src;
--> s.t.x <- s.src.a identity
--> s.u.x <- s.src.b identity
--> s.v.x <- s.src.c identity
--> problem none

-- ## BTEQ's commands
-- dialect: teradata
.logon host/user;
.set width 100
ins into s.t (x) sel a from s.src;
.if errorcode <> 0 then .quit 1;
.logoff
--> s.t.x <- s.src.a identity
--> problem none
--> kind insert

-- ## a dump of psql: rows behind COPY, and commands
-- dialect: postgres
\connect db
COPY s.t (a, b) FROM stdin;
1	x; drop table y
2	\N
\.
\copy s.u from 'x.csv' csv
insert into s.v (x) select a from s.src;
--> s.v.x <- s.src.a identity
--> writes s.t, s.u, s.v
--> problem none

-- ## SQL*Plus: commands, and slashes after blocks and statements
-- dialect: oracle
set serveroutput on
whenever sqlerror exit 1
create or replace procedure p is
  n number;
  procedure inner_one is begin insert into s.t (x) select a from s.src; end;
begin
  inner_one;
  if n > 0 then insert into s.u (x) select b from s.src; end if;
end;
/
insert into s.v (x) select c from s.src
/
exit
--> s.t.x <- s.src.a identity
--> s.u.x <- s.src.b identity
--> s.v.x <- s.src.c identity
--> problem none

-- ## a package and its body
-- dialect: oracle
create or replace package p as
  procedure one(x int);
  function two return int;
end p;
/
create or replace package body p is
  n number;
  procedure one(x int) is m number; begin insert into s.t (x) select a from s.src; end one;
  function two return int is begin insert into s.u (x) select b from s.src; return 1; end;
begin
  insert into s.v (x) select c from s.src;
end p;
/
insert into s.w (x) select d from s.src;
--> s.t.x <- s.src.a identity
--> s.u.x <- s.src.b identity
--> s.v.x <- s.src.c identity
--> s.w.x <- s.src.d identity
--> problem none

-- ## what follows a routine is not part of it
-- dialect: postgres
alter function f() owner to r; create function g() returns int return 1; insert into s.t (x) select a from s.src; do $$ begin insert into s.u (x) select b from s.src; end $$
--> s.t.x <- s.src.a identity
--> s.u.x <- s.src.b identity
--> kind other, create_function, insert, insert
--> problem none

-- ## functions of one expression
-- dialect: bigquery
create table function d.f(x int64) as select a from d.t where b = x; create function d.g(x int64) as (x + 1); insert into d.u (x) select y from d.src
--> d.u.x <- d.src.y identity
--> kind create_function, select, create_function, insert

-- ## ALTER of a task's state, and of its statement
-- dialect: snowflake
alter task k suspend; alter task k modify as insert into s.t (x) select a from s.src; insert into s.u (x) select b from s.src
--> s.t.x <- s.src.a identity
--> s.u.x <- s.src.b identity
--> kind other, create_task, insert, insert
