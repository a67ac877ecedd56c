# What pm2d does of its own accord: by the clock, by memory, after others.

script()
{
	printf '#!/bin/sh\n%s\n' "$2" > "$1"
	chmod +x "$1"
}

# An app that says when it begins, and when it is asked to end.
steady()
{
	script steady.sh 'echo "$NAME begins" >> order
trap "sleep ${SLOW:-0}; echo \"\$NAME ends\" >> order; exit 0" INT
while :; do sleep 0.05; done'
}

# how many lines of a file are so
lines()
{
	grep -c "$1" "$2" 2>/dev/null
}

# in_order first second: so they stand in the file "order"
in_order()
{
	[ "$(grep -n -x "$1" order | tail -n 1 | cut -d : -f 1)" -lt \
	    "$(grep -n -x "$2" order | tail -n 1 | cut -d : -f 1)" ] ||
	    fail_with order
}

held()
{
	[ "$(field "$1" held)" = True ]
}

# ---- cron_restart ----

cron__restarts_while_it_is_wanted()
{
	pm2_begin
	steady
	export NAME=app
	atf_check -o save:said -e ignore pm2ctl start steady.sh -n app \
	    --cron '*/2 * * * * *'
	atf_check_equal 1 "$(grep -cxF '*/2 * * * * *' said)"
	wait_for "[ \$(lines begins order) -ge 3 ]" 15
	[ "$(field app restart_time)" -ge 2 ] || atf_fail "nothing counted"
	atf_check -o match:'cron restart.*\*/2 \* \* \* \* \*' \
	    -o match:'next run .*20[0-9][0-9]-' pm2ctl describe app
	atf_check -o match:'by its cron_restart' -e ignore pm2ctl why app
	atf_check_equal '*/2 * * * * *' "$(field app cron_restart)"
	[ "$(field app next_run)" -gt "$(now_ms)" ] || atf_fail "no next_run"
	atf_check -o ignore -e ignore pm2ctl stop app
	n=$(lines begins order)
	sleep 4.5
	check is app stopped
	atf_check_equal "$n" "$(lines begins order)"
	atf_check_equal None "$(field app next_run)"
	# and again, when it is
	atf_check -o ignore -e ignore pm2ctl restart app
	wait_for "[ \$(lines begins order) -ge $((n + 3)) ]" 15
}

cron__of_a_cluster_is_a_reload()
{
	pm2_begin
	js web.js 'require("http").createServer(ok).listen(process.env.PORT)'
	serve web.js --cron '*/4 * * * * *'
	load steady -c 2 -p "$PORT"
	wait_for "[ \$(field web restart_time) -ge 1 ]" 20
	wait_for "grep -q 'by its cron_restart.*another took over' \
	    '$PM2_HOME/pm2.log'" 20
	atf_check -o match:'by its cron_restart' -e ignore pm2ctl why web
	load_end steady
}

cron__bad_patterns_are_refused()
{
	pm2_begin
	steady
	atf_check -s not-exit:0 -o ignore \
	    -e match:'character 3, in the hour: a number from 0 to 23' \
	    pm2ctl start steady.sh --cron '0 25 * * *'
	atf_check -s not-exit:0 -o ignore -e match:'never happens' \
	    pm2ctl start steady.sh --schedule '0 0 31 2 *'
}

# ---- jobs ----

job__runs_by_its_schedule_and_never_twice()
{
	pm2_begin
	script job.sh 'mkdir busy || echo twice >> trouble
echo run >> runs; sleep 2.5; rmdir busy'
	atf_check -o match:'waits for its time' -e ignore \
	    pm2ctl start job.sh -n job --schedule '* * * * * *'
	wait_for "[ \$(lines run runs) -ge 3 ]" 20
	test ! -f trouble || atf_fail "it ran twice at once"
	check grep -q 'job (0): still online when its time came' \
	    "$PM2_HOME/pm2.log"
	atf_check -o match:'schedule .*\* \* \* \* \* \*' \
	    -o match:'next run' -o match:'still ran when its time came' \
	    -o match:'autorestart .*no, it is a job' \
	    pm2ctl describe job
}

job__stopped_is_not_run()
{
	pm2_begin
	script job.sh 'echo run >> runs'
	atf_check -o ignore -e ignore pm2ctl start job.sh -n job \
	    --schedule '* * * * * *'
	wait_for "[ \$(lines run runs) -ge 2 ]" 10
	atf_check -o ignore -e ignore pm2ctl stop job
	n=$(lines run runs)
	sleep 2.5
	atf_check_equal "$n" "$(lines run runs)"
	atf_check -o match:'not followed until it is started' pm2ctl why job
	atf_check -o ignore -e ignore pm2ctl restart job
	wait_for "[ \$(lines run runs) -ge $((n + 3)) ]" 10
}

job__is_run_now_when_asked()
{
	pm2_begin
	script job.sh 'echo run >> runs; sleep 0.5; exit 3'
	atf_check -o ignore -e ignore pm2ctl start job.sh -n job \
	    --schedule '0 0 29 2 *'
	check is job stopped
	test ! -f runs || atf_fail "it ran at once"
	atf_check -o ignore -e ignore pm2ctl restart job
	wait_for 'is job stopped' 10
	atf_check_equal 1 "$(lines run runs)"
	atf_check -o match:'by its schedule, next at 20..-02-29T00:00:00' \
	    -o match:'exit code 3' pm2ctl why job
}

job__survives_a_restart_of_pm2d()
{
	pm2_begin
	steady
	export NAME=app
	script job.sh 'echo run >> runs'
	atf_check -o ignore -e ignore pm2ctl start steady.sh -n app \
	    --cron '*/2 * * * * *'
	atf_check -o ignore -e ignore pm2ctl start job.sh -n job \
	    --schedule '* * * * * *'
	atf_check -o ignore -e ignore pm2ctl start -f job.sh -n resting \
	    --schedule '0 0 1 1 *'
	atf_check -o ignore -e ignore pm2ctl start -f job.sh -n off \
	    --schedule '0 0 1 1 *'
	atf_check -o ignore -e ignore pm2ctl stop off
	wait_for "[ \$(lines run runs) -ge 1 ]" 10
	for how in TERM KILL; do
		daemon=$(pm2d_pid)
		kill -$how "$daemon"
		wait_for "gone $daemon" 20
		runs=$(lines run runs)
		begins=$(lines begins order)
		atf_check -o ignore -e ignore pm2ctl start "$PWD/job.sh" -n "not$how" \
		    --schedule '0 0 1 1 *' -f
		wait_for "[ \$(lines run runs) -ge $((runs + 2)) ]" 10
		wait_for "[ \$(lines begins order) -ge $((begins + 2)) ]" 15
		check is resting stopped
		[ "$(field resting next_run)" != None ] ||
		    atf_fail "the job is not armed"
		atf_check_equal None "$(field off next_run)"
	done
}

# ---- max_memory_restart ----

memory__of_all_its_processes()
{
	pm2_begin
	cat > eat.js <<-'END'
	if (process.argv[2] !== "child") {
		require("child_process").fork(__filename, ["child"]);
		setInterval(() => {}, 1000);
	} else
		globalThis.all = Buffer.alloc(150e6, 1);
	END
	echo 'setInterval(() => {}, 1000)' >> eat.js
	atf_check -o ignore -e ignore pm2ctl start eat.js -x \
	    --max-memory-restart 150M
	wait_for "[ \$(field eat restart_time) -ge 1 ]" 20
	check grep -q 'eat (0): [0-9.]* MB, more than 150 MB; restarting' \
	    "$PM2_HOME/pm2.log"
	atf_check -o match:'used more than max_memory_restart' pm2ctl why eat
	atf_check -o match:'max memory restart.*150' pm2ctl describe eat
	# it is above at once again: not in a loop
	wait_for "grep -q 'more than 150 MB: restarted for that' \
	    '$PM2_HOME/pm2.log'" 10
	[ "$(field eat restart_time)" -le 2 ] || atf_fail "restarted again"
	atf_check -o match:'trouble.*more than 150 MB' pm2ctl describe eat
}

# ---- depends_on ----

depends__waits_and_then_starts()
{
	pm2_begin
	steady
	NAME=web pm2ctl start steady.sh -n web --depends-on db > web.out 2>&1 &
	wait_for 'held web' 4
	check is web launching
	atf_check_equal 0 "$(app_pid web)"
	atf_check -o match:'waits for db to be ready' pm2ctl describe web
	atf_check -o match:'waits for db to be ready' pm2ctl why web
	NAME=db atf_check -o ignore -e ignore pm2ctl start -f steady.sh -n db
	wait_for 'is web online' 5
	wait $! || fail_with web.out
	check grep -q 'waits for what it depends on' web.out
	in_order 'db begins' 'web begins'
	# one that comes and goes takes nobody with it
	pid=$(app_pid web)
	NAME=db atf_check -o ignore -e ignore pm2ctl restart db
	atf_check_equal "$pid" "$(app_pid web)"
}

depends__is_held_until_ready()
{
	pm2_begin
	steady
	cat > db.js <<-'END'
	setTimeout(() => {
		require("fs").appendFileSync("order", "db ready\n");
		process.send("ready");
	}, 1500);
	setInterval(() => {}, 1000);
	END
	pm2ctl start db.js -n db --wait-ready --listen-timeout 9s \
	    >/dev/null 2>&1 &
	NAME=early pm2ctl start -f steady.sh -n early --depends-on db:started \
	    >/dev/null 2>&1 &
	NAME=web atf_check -o ignore -e ignore pm2ctl start -f steady.sh \
	    -n web --depends-on db:ready
	wait
	in_order 'early begins' 'db ready'
	in_order 'db ready' 'web begins'
}

# A worker that serves nothing will never say that it listens.
depends__on_a_worker_that_does_not_listen()
{
	pm2_begin
	steady
	echo 'setInterval(() => {}, 1000)' > idle.js
	atf_check -o ignore -e ignore pm2ctl start idle.js -n idle \
	    --listen-timeout 2s
	before=$(now_ms)
	NAME=web atf_check -o ignore -e ignore pm2ctl start -f steady.sh \
	    -n web --depends-on idle
	[ $(($(now_ms) - before)) -lt 6000 ] || atf_fail "after too long"
	js serving.js 'setTimeout(() => require("http").createServer(ok)
	    .listen(process.env.PORT, () => require("fs")
	    .appendFileSync("order", "it listens\n")), 1000)'
	PORT=$(free_port) pm2ctl start serving.js >/dev/null 2>&1 &
	NAME=other atf_check -o ignore -e ignore pm2ctl start -f steady.sh \
	    -n other --depends-on serving
	in_order 'it listens' 'other begins'
	wait
}

# A task has to be through, and well.
depends__on_a_task()
{
	pm2_begin
	steady
	script good.sh 'sleep 1; echo "task is through" >> order'
	script bad.sh 'sleep 1; exit 1'
	pm2ctl start good.sh --no-autorestart -n good >/dev/null 2>&1 &
	NAME=web atf_check -o ignore -e ignore pm2ctl start -f steady.sh \
	    -n web --depends-on good:ready
	in_order 'task is through' 'web begins'
	pm2ctl start bad.sh --no-autorestart -n bad >/dev/null 2>&1 &
	NAME=other atf_check -s not-exit:0 -o ignore \
	    -e match:'waits for bad to be ready' \
	    pm2ctl start -f steady.sh -n other --depends-on bad:ready
	check is other errored
	wait
}

depends__on_nothing_fails()
{
	pm2_begin
	steady
	before=$(now_ms)
	NAME=web atf_check -s not-exit:0 -o ignore \
	    -e match:'db.*there is no such app' \
	    pm2ctl start steady.sh -n web --depends-on db
	[ $(($(now_ms) - before)) -lt 15000 ] || atf_fail "after too long"
	check is web errored
	test ! -f order || atf_fail "it was started"
}

depends__circle_is_refused()
{
	pm2_begin
	steady
	atf_check -s not-exit:0 -o ignore -e match:'a circle: a -> a' \
	    pm2ctl start steady.sh -n a --depends-on a
	NAME=c atf_check -o ignore -e ignore pm2ctl start steady.sh -n c
	NAME=b atf_check -o ignore -e ignore pm2ctl start -f steady.sh -n b \
	    --depends-on c
	atf_check -s not-exit:0 -o ignore -e match:'a circle: c -> b -> c' \
	    pm2ctl start -f steady.sh -n c --depends-on b
	atf_check_equal 2 "$(pm2ctl jlist | grep -o '"pm_exec_path"' |
	    wc -l)"
}

three()
{
	steady
	NAME=db atf_check -o ignore -e ignore pm2ctl start steady.sh -n db
	SLOW=0.5 NAME=api atf_check -o ignore -e ignore pm2ctl start -f \
	    steady.sh -n api --depends-on db
	SLOW=0.5 NAME=web atf_check -o ignore -e ignore pm2ctl start -f \
	    steady.sh -n web --depends-on api
}

stop__of_all_goes_backwards()
{
	pm2_begin
	three
	atf_check -o ignore -e ignore pm2ctl stop all
	atf_check_equal 3 "$(count_status stopped)"
	in_order 'web ends' 'api ends'
	in_order 'api ends' 'db ends'
	# alone it need not wait for anybody
	atf_check -o ignore -e ignore pm2ctl restart all
	atf_check_equal 3 "$(count_status online)"
	atf_check -o ignore -e ignore pm2ctl stop db
	check is web online
	check is api online
	atf_check -o ignore -e ignore pm2ctl start db
	: > order
	atf_check -o ignore -e ignore pm2ctl delete all
	in_order 'web ends' 'api ends'
	in_order 'api ends' 'db ends'
	atf_check -o inline:'[]\n' pm2ctl jlist
}

stop__of_pm2d_goes_backwards_and_back()
{
	pm2_begin
	three
	daemon=$(pm2d_pid)
	kill -TERM "$daemon"
	wait_for "gone $daemon" 20
	in_order 'web ends' 'api ends'
	in_order 'api ends' 'db ends'
	: > order
	NAME=more atf_check -o ignore -e ignore pm2ctl start -f steady.sh \
	    -n more
	wait_for "[ \$(count_status online) -eq 4 ]" 10
	wait_for "[ \$(grep -c begins order) -eq 4 ]" 10
	in_order 'db begins' 'api begins'
	in_order 'api begins' 'web begins'
	: > order
	atf_check -o ignore -e ignore pm2ctl kill
	in_order 'web ends' 'api ends'
	in_order 'api ends' 'db ends'
}

# One that does not end holds the others no longer than it may take itself.
stop__waits_no_longer_than_it_may()
{
	pm2_begin
	steady
	script deaf.sh 'trap "" INT TERM; while :; do sleep 0.1; done'
	NAME=db atf_check -o ignore -e ignore pm2ctl start steady.sh -n db
	atf_check -o ignore -e ignore pm2ctl start deaf.sh -n deaf \
	    --depends-on db --kill-timeout 500ms
	before=$(now_ms)
	atf_check -o ignore -e ignore pm2ctl stop all
	[ $(($(now_ms) - before)) -lt 5000 ] || atf_fail "after too long"
	check is db stopped
	# somebody wants something else meanwhile: in the order of asking
	atf_check -o ignore -e ignore pm2ctl restart all
	pm2ctl stop all > stop.out 2>&1 &
	sleep 0.2
	atf_check -o ignore -e ignore pm2ctl restart db
	wait
	check is db online
	check is deaf stopped
}

atf_init_test_cases()
{
	. "$(atf_get_srcdir)/../lib.sh"
	pm2_case cron__restarts_while_it_is_wanted
	pm2_case cron__of_a_cluster_is_a_reload
	pm2_case cron__bad_patterns_are_refused
	pm2_case job__runs_by_its_schedule_and_never_twice
	pm2_case job__stopped_is_not_run
	pm2_case job__is_run_now_when_asked
	pm2_case job__survives_a_restart_of_pm2d 120
	pm2_case memory__of_all_its_processes
	pm2_case depends__waits_and_then_starts
	pm2_case depends__is_held_until_ready
	pm2_case depends__on_a_worker_that_does_not_listen
	pm2_case depends__on_a_task
	pm2_case depends__on_nothing_fails
	pm2_case depends__circle_is_refused
	pm2_case stop__of_all_goes_backwards
	pm2_case stop__of_pm2d_goes_backwards_and_back
	pm2_case stop__waits_no_longer_than_it_may
}
