# Process files: what is declared in them, and what the commands make of it.

script()
{
	printf '#!/bin/sh\n%s\n' "$2" > "$1"
	chmod +x "$1"
}

# quiet command...: it must succeed; what it says is in out and err
quiet()
{
	pm2ctl "$@" > out 2> err || {
		cat out err
		atf_fail "pm2ctl $*"
	}
}

# refused command...: it must not succeed
refused()
{
	! pm2ctl "$@" > out 2> err || {
		cat out err
		atf_fail "pm2ctl $* succeeded"
	}
}

said()
{
	grep -qE -- "$1" out || fail_with out
}

not_said()
{
	! grep -qE -- "$1" out || fail_with out
}

complained()
{
	grep -qE -- "$1" err || fail_with err
}

# ids of a name, in one line
ids()
{
	pm2ctl id "$1" | tr -d '[],' | xargs
}

# no app is known
nothing()
{
	atf_check -o inline:'[]\n' pm2ctl jlist
}

# given app NAME: what its process was given
given()
{
	tr '\0' '\n' < "/proc/$(app_pid "$1")/environ" |
	    sed -n "s/^$2=//p"
}

# What README of pm2 has, to the letter.
readme_file()
{
	cp -R "$EXAMPLES" examples
	cat > processes.json <<'END'
[{
  "name"      : "echo",
  "script"    : "./examples/args.js",
  "args"      : "['--toto=heya coco', '-d', '1']",
  "env": {
      "NODE_ENV": "production",
      "AWESOME_SERVICE_API_TOKEN": "xxx"
  }
}
,{
    "name"       : "api",
    "script"     : "./examples/child.js",
    "instances"  : "4",
    "error_file" : "./examples/child-err.log",
    "out_file"   : "./examples/child-out.log",
    "pid_file"   : "./examples/child.pid",
    "exec_mode"  : "cluster_mode",
    "port"       : 9005
},{
  "min_uptime" : "100",
  "name" : "auto-kill",
  "exec_mode" : "fork_mode",
  "script" : "./examples/killfast.js"
}]
END
}

readme__file_does_what_it_did()
{
	pm2_begin
	readme_file
	# one of them cannot work, and it is said
	refused start processes.json
	said 'App echo launched \(1 instance\)'
	said 'App api launched \(4 instances\)'
	complained 'auto-kill.*(exited|code 1)'
	# its min_uptime is very short: node may need longer to fail
	wait_for "is auto-kill errored ||
	    [ \$(field auto-kill restart_time) -ge 15 ]" 60
	atf_check_equal 1 "$(ids echo | wc -w)"
	atf_check_equal 4 "$(ids api | wc -w)"
	check is echo online
	atf_check_equal production "$(given echo NODE_ENV)"
	atf_check_equal xxx "$(given echo AWESOME_SERVICE_API_TOKEN)"
	atf_check_equal 9005 "$(given api PORT)"
	atf_check_equal 9005 "$(field api port)"
	out=$(field echo pm_out_log_path)
	wait_for "test -s '$out'" 5
	atf_check -o inline:'["--toto=heya coco","-d","1"]\n' cat "$out"
	wait_for "ls examples/child-out-*.log" 5
	quiet stop processes.json
	said 'Stopping process by name echo'
	said 'Stopping process by name api'
	check is echo stopped
	atf_check_equal 0 "$(count_status online)"
	quiet delete processes.json
	nothing
	refused restart processes.json
	check is echo online
	atf_check_equal 4 "$(ids api | wc -w)"
}

# What can be understood is done, and the rest is no success.
stop__file_with_mistakes()
{
	pm2_begin
	script nap.sh 'exec sleep 1000'
	quiet start nap.sh -n a
	quiet start nap.sh -f -n b
	echo '[{"name": "a", "script": "gone.sh"}, {"args": "x"}]' > p.json
	refused stop p.json
	complained 'apps\[1\]: the key "script" is missing'
	check is a stopped
	check is b online
	echo '[{"name": "b", "script": "gone.sh"}]' > p.json
	refused stop p.json --only b,c
	complained 'no app called c'
	check is b stopped
	quiet restart b
	quiet stop p.json
	check is b stopped
}

start__twice_changes_nothing()
{
	pm2_begin
	script nap.sh 'exec sleep 1000'
	echo '[{"name": "a", "script": "nap.sh", "instances": 2},
	    {"name": "b", "script": "nap.sh", "env": {"X": "1"}}]' > p.json
	quiet start p.json
	atf_check_equal '0 1' "$(ids a)"
	pids=$(pm2ctl pid | sort)
	quiet start p.json
	said 'App a is unchanged'
	said 'App b is unchanged'
	atf_check_equal "$pids" "$(pm2ctl pid | sort)"
	# from the standard input it is the same, but declared in no file
	quiet start - < p.json
	said 'App b is unchanged'
	atf_check_equal "$pids" "$(pm2ctl pid | sort)"
	# what is stopped is started, and nothing else
	quiet stop b
	quiet start p.json
	said 'App a is unchanged'
	said 'App b started'
	check is b online
	atf_check_equal 3 "$(count_status online)"
	# -f means that it is wanted once more
	quiet start -f p.json
	atf_check_equal 6 "$(count_status online)"
}

start__names_what_has_changed_and_leaves_it()
{
	pm2_begin
	script nap.sh 'exec sleep 1000'
	echo '[{"name": "a", "script": "nap.sh", "env": {"X": "1"}}]' > p.json
	quiet start p.json
	pid=$(app_pid a)
	echo '[{"name": "a", "script": "nap.sh", "env": {"X": "2"},
	    "kill_timeout": "2s", "instances": 3}]' > p.json
	quiet start p.json
	said 'App a: instances 1 -> 3, .*kill_timeout 4s -> 2s'
	said 'App a:.*env\.X'
	complained 'apply p.json'
	atf_check_equal "$pid" "$(app_pid a)"
	atf_check_equal 1 "$(given a X)"
	# once it is stopped the file counts
	quiet stop a
	quiet start p.json
	atf_check_equal 3 "$(ids a | wc -w)"
	atf_check_equal 2 "$(given a X)"
}

start__without_argument_takes_the_ecosystem_file()
{
	pm2_begin
	refused start
	complained 'ecosystem'
	script nap.sh 'exec sleep 1000'
	echo '{"apps": [{"name": "eco", "script": "nap.sh"}]}' \
	    > ecosystem.config.json
	quiet start
	check is eco online
}

start__takes_files_and_scripts_together()
{
	pm2_begin
	script nap.sh 'exec sleep 1000'
	script other.sh 'exec sleep 1000'
	echo '[{"name": "a", "script": "nap.sh"}]' > a.json
	printf 'apps:\n  - name: b\n    script: nap.sh\n' > b.yaml
	quiet start a.json other.sh b.yaml
	for app in a other.sh b; do
		check is $app online
	done
	# a mistake in one file starts nothing of it, and is told
	echo '[{"name": "c", "script": "nap.sh"},
	    {"name": "d", "script": "nap.sh", "instances": "many"}]' > c.json
	echo '[{"name": "e", "script": "nap.sh"}]' > e.json
	refused start c.json e.json
	complained 'c.json:2:.*instances'
	check is e online
	atf_check_equal '' "$(ids c)"
	refused start c.json
	refused apply c.json
	refused restart c.json
	atf_check_equal 4 "$(count_status online)"
}

file__mistakes_start_nothing()
{
	pm2_begin
	script nap.sh 'exec sleep 1000'
	quiet ping
	for text in '' '[' '{"apps": 3}' '[{"name": "x"}]' \
	    '[{"script": "nap.sh"}, {"script": "gone.sh"}]' \
	    '[{"name": "x", "script": "nap.sh"},
	    {"name": "x", "script": "nap.sh"}]' \
	    '[{"name": "x", "script": "nap.sh", "args": "['\''a"}]'; do
		printf %s "$text" > bad.json
		for command in start apply startOrReload restart diff; do
			refused $command bad.json
			[ -s err ] || atf_fail "$command: $text: no word"
		done
		nothing
	done
	pm2ctl diff bad.json > out 2> err
	atf_check_equal 2 $?
	refused start missing.json
	complained 'missing.json'
}

file__words_mean_what_it_declares()
{
	pm2_begin
	script nap.sh 'exec sleep 1000'
	echo '[{"name": "a", "script": "nap.sh"},
	    {"name": "b", "script": "nap.sh", "namespace": "n"}]' > p.json
	quiet start p.json
	quiet start nap.sh --name mine -f
	quiet stop p.json
	check is a stopped
	check is mine online
	quiet restart - < p.json
	said 'App a started'
	check is b online
	pid=$(app_pid a)
	quiet restart p.json
	said 'App a restarted'
	[ "$(app_pid a)" != "$pid" ] || atf_fail "the same process"
	quiet stop n
	check is b stopped
	check is a online
	quiet stop mine p.json
	check is mine stopped
	# a script that is gone can be stopped and deleted all the same
	rm nap.sh
	quiet delete - < p.json
	refused delete p.json
	complained 'a not found'
	atf_check_equal 1 "$(ids mine | wc -w)"
}

file__only_and_env()
{
	pm2_begin
	script nap.sh 'exec sleep 1000'
	cat > p.json <<'END'
[{"name": "a", "script": "nap.sh", "env": {"X": "1", "Y": "1"},
  "env_production": {"X": "2"}},
 {"name": "b", "script": "nap.sh"},
 {"name": "c", "script": "nap.sh"}]
END
	quiet start p.json --only a,c --env production
	atf_check_equal '' "$(ids b)"
	atf_check_equal 2 "$(count_status online)"
	atf_check_equal '2 1' "$(given a X) $(given a Y)"
	refused start p.json --only nobody
	complained nobody
	quiet apply p.json --only a
	atf_check_equal '1 1' "$(given a X) $(given a Y)"
	atf_check_equal '' "$(ids b)"
	quiet stop p.json --only a
	check is a stopped
	check is c online
	refused list --only a
	refused stop a --dry-run
	refused start p.json --prune
}

env__file_wins_over_the_shell()
{
	pm2_begin
	script nap.sh 'exec sleep 1000'
	echo '[{"name": "a", "script": "nap.sh", "env": {"X": "file"},
	    "secret": {"TOKEN": "hunter2"}}]' > p.json
	X=shell Y=shell pm2ctl start p.json >/dev/null 2>&1 || exit 1
	atf_check_equal 'file shell' "$(given a X) $(given a Y)"
	atf_check_equal hunter2 "$(given a TOKEN)"
	pm2ctl env a > out
	atf_check grep -qx 'X=file' out
	atf_check grep -qx 'Y=shell' out
	atf_check grep -qx 'TOKEN=(secret)' out
	atf_check grep -qx 'name=a' out
	atf_check -s exit:1 grep -q hunter2 out
	atf_check -o match:'^X=file from file .*/p.json' \
	    -o match:'instead of X=shell from shell' pm2ctl env a --why X
	atf_check -o match:'from secret' pm2ctl env a --why TOKEN
	pm2ctl jlist > out
	atf_check python3 -c '
import json
env = json.load(open("out"))[0]["pm2_env"]["env"]
assert env["X"] == "file" and env["Y"] == "shell" and "TOKEN" not in env'
	atf_check -o match:'from pm2d' pm2ctl env a --why pm_id
	atf_check -s exit:1 -e match:'no variable' pm2ctl env a --why NOPE
	pm2ctl env a --json > out || exit 1
	atf_check -s exit:1 grep -q hunter2 out
	atf_check python3 -c '
import json
got = {v["name"]: v for v in json.load(open("out"))}
assert got["X"]["value"] == "file" and got["X"]["origin"].startswith("file ")
assert got["Y"]["origin"] == "shell", got["Y"]
assert got["TOKEN"]["value"] == "(secret)"'
}

env__update_replaces_the_shells_layer()
{
	pm2_begin
	script nap.sh 'exec sleep 1000'
	echo '[{"name": "a", "script": "nap.sh", "env": {"X": "file"},
	    "secret": {"TOKEN": "hunter2"}}]' > p.json
	OLD=1 BOTH=1 pm2ctl start p.json >/dev/null 2>&1 || exit 1
	atf_check_equal '1 1' "$(given a OLD) $(given a BOTH)"
	# without it the shell that restarts does not matter
	BOTH=2 NEW=2 quiet restart a
	atf_check_equal '1 1 ' "$(given a OLD) $(given a BOTH) $(given a NEW)"
	BOTH=2 NEW=2 quiet restart a --update-env
	atf_check_equal ' 2 2' "$(given a OLD) $(given a BOTH) $(given a NEW)"
	atf_check_equal 'file hunter2' "$(given a X) $(given a TOKEN)"
	NEW=3 quiet reload a --update-env
	atf_check_equal ' 3' "$(given a BOTH) $(given a NEW)"
	quiet stop a
	NEW=4 quiet start a --update-env
	atf_check_equal 4 "$(given a NEW)"
	# of a file, too: otherwise its own changes leave the shell's alone
	echo '[{"name": "a", "script": "nap.sh", "env": {"X": "more"},
	    "secret": {"TOKEN": "hunter2"}}]' > p.json
	NEW=5 quiet apply p.json
	atf_check_equal 'more 4' "$(given a X) $(given a NEW)"
	NEW=5 quiet apply p.json --update-env
	said 'shell.NEW'
	atf_check_equal 'more 5' "$(given a X) $(given a NEW)"
}

diff__says_what_is_different()
{
	pm2_begin
	script nap.sh 'exec sleep 1000'
	echo '[{"name": "a", "script": "nap.sh", "env": {"X": "1"}},
	    {"name": "old", "script": "nap.sh"}]' > p.json
	pm2ctl diff p.json > out || [ $? -eq 1 ] || atf_fail "no daemon"
	said '^\+ a: 1 instance'
	[ ! -e "$PM2_HOME/pm2d.sock" ] || atf_fail "a daemon was started"
	quiet start p.json
	atf_check pm2ctl diff p.json
	echo '[{"name": "a", "script": "nap.sh", "env": {"X": "2", "Z": ""},
	    "secret": {"S": "hunter2"}, "instances": 2},
	    {"name": "new", "script": "nap.sh"}]' > p.json
	pm2ctl diff p.json > out
	atf_check_equal 1 $?
	said '^    - instances: 1$'
	said '^    \+ instances: 2$'
	said '^    - env.X: 1$'
	said '^    \+ env.X: 2$'
	said '^    \+ env.Z: $'
	said '^    \+ secret.S: \(secret\)$'
	said '^\+ new: 1 instance$'
	said '^- old: id 1'
	not_said hunter2
	pm2ctl diff p.json --json > out
	atf_check_equal 1 $?
	atf_check python3 -c '
import json
got = {a["name"]: a for a in json.load(open("out"))}
assert got["new"]["state"] == "new"
assert got["old"]["state"] == "gone"
assert got["a"]["state"] == "changed"
assert {"key": "env.X", "running": "1", "declared": "2"} in \
    got["a"]["changes"]
assert {"key": "env.Z", "running": None, "declared": ""} in \
    got["a"]["changes"]'
}

apply__does_what_has_changed()
{
	pm2_begin
	script nap.sh 'exec sleep 1000'
	echo '[{"name": "same", "script": "nap.sh"},
	    {"name": "a", "script": "nap.sh", "env": {"X": "1"}},
	    {"name": "many", "script": "nap.sh", "instances": 3},
	    {"name": "rests", "script": "nap.sh"},
	    {"name": "old", "script": "nap.sh"}]' > p.json
	quiet start p.json
	quiet start nap.sh -f --name mine
	quiet stop rests
	same=$(app_pid same)
	many=$(app_pid 2)
	echo '[{"name": "same", "script": "nap.sh"},
	    {"name": "a", "script": "nap.sh", "env": {"X": "2"}},
	    {"name": "many", "script": "nap.sh", "instances": 1},
	    {"name": "rests", "script": "nap.sh", "env": {"X": "2"}},
	    {"name": "new", "script": "nap.sh"}]' > p.json
	pm2ctl jlist > before
	quiet apply p.json --prune --dry-run
	said 'App a: env.X'
	said 'App a would be (reloaded|restarted)'
	said 'App new would be launched'
	said 'App many would lose 2 instances'
	said 'Process old \(6\) would be deleted'
	pm2ctl jlist > after
	atf_check_equal "$(tr -d ' ' < before | grep -o '"pm_id":[0-9]*')" \
	    "$(tr -d ' ' < after | grep -o '"pm_id":[0-9]*')"
	atf_check_equal 1 "$(given a X)"
	quiet apply p.json
	said 'old \(6\) is not declared any more'
	atf_check_equal 2 "$(given a X)"
	atf_check_equal "$same" "$(app_pid same)"
	atf_check_equal 2 "$(ids many)"
	atf_check_equal "$many" "$(app_pid 2)"
	check is rests stopped
	check is new online
	check is old online
	quiet apply p.json --prune
	atf_check_equal '' "$(ids old)"
	check is mine online
	said '1 deleted'
	quiet apply p.json --prune
	said 'App a is unchanged'
	atf_check_equal "$same" "$(app_pid same)"
	# what was changed meanwhile counts when it is started again
	quiet start rests
	atf_check_equal 2 "$(given rests X)"
	pm2ctl diff p.json || atf_fail "not the same"
}

apply__failed_reload_leaves_the_old_one()
{
	pm2_begin
	cat > app.js <<'END'
if (process.env.BAD)
	process.exit(3);
setInterval(() => {}, 1000);
END
	echo '[{"name": "a", "script": "app.js", "exec_mode": "cluster"}]' \
	    > p.json
	quiet start p.json
	pid=$(app_pid a)
	echo '[{"name": "a", "script": "app.js", "exec_mode": "cluster",
	    "env": {"BAD": "1"}}]' > p.json
	refused apply p.json
	complained 'exited with 3'
	said '1 failed'
	atf_check_equal "$pid" "$(app_pid a)"
	# its own restarts are of what worked
	quiet restart a
	check is a online
	refused apply p.json
}

restart__file_takes_what_it_says_now()
{
	pm2_begin
	script nap.sh 'exec sleep 1000'
	echo '[{"name": "a", "script": "nap.sh", "env": {"X": "1"}}]' > p.json
	quiet start p.json
	echo '[{"name": "a", "script": "nap.sh", "env": {"X": "2"}},
	    {"name": "b", "script": "nap.sh"}]' > p.json
	# by name the file is not read
	quiet restart a
	atf_check_equal 1 "$(given a X)"
	quiet restart p.json --dry-run
	said 'App a would be restarted'
	atf_check_equal 1 "$(given a X)"
	quiet restart p.json
	atf_check_equal 2 "$(given a X)"
	check is b online
	for command in startOrRestart startOrReload startOrGracefulReload \
	    reload gracefulReload; do
		pid=$(app_pid a)
		quiet $command p.json
		[ "$(app_pid a)" != "$pid" ] || atf_fail "$command: no"
		check is a online
	done
}

ecosystem__modern_example()
{
	pm2_begin
	cp "$EXAMPLES/http.js" http.js
	script worker.sh 'while :; do echo tick; sleep 1; done'
	PORT=$(free_port)
	cat > ecosystem.config.js <<END
module.exports = {
  apps: [{
    name: 'api', script: './http.js', instances: 2, exec_mode: 'cluster',
    max_memory_restart: '200M', kill_timeout: 1600,
    env: { NODE_ENV: 'development', PORT: $PORT },
    env_production: { NODE_ENV: 'production' },
  }, {
    name: 'worker', namespace: 'jobs', script: './worker.sh',
    args: '--foo bar', autorestart: true,
  }],
};
END
	quiet start ecosystem.config.js --env production
	said 'App api launched \(2 instances\)'
	said 'App worker launched \(1 instance\)'
	atf_check_equal production "$(given api NODE_ENV)"
	wait_for "pm2ctl describe api | grep -q $PORT" 10
	quiet reload ecosystem.config.js --only api --env production
	atf_check_equal 2 "$(pm2ctl prettylist | grep -c "name: 'api'" |
	    awk '{ print $1 / 2 }')"
	quiet stop jobs
	check is worker stopped
	check is api online
	quiet start
	check is worker online
	quiet delete ecosystem.config.js
	nothing
}

ecosystem__writes_a_sample_once()
{
	pm2_begin
	quiet ecosystem
	check test -s ecosystem.config.js
	cp ecosystem.config.js copy
	refused ecosystem
	complained 'exists'
	refused init
	atf_check cmp copy ecosystem.config.js
	cp "$EXAMPLES/echo.js" api.js
	cp "$EXAMPLES/echo.js" worker.js
	quiet start --dry-run
	said 'App worker would be launched'
}

start__dry_run_starts_nothing()
{
	pm2_begin
	script nap.sh 'exec sleep 1000'
	echo '[{"name": "a", "script": "nap.sh"}]' > p.json
	quiet start p.json nap.sh --dry-run
	said 'App a would be launched'
	said 'Process nap.sh would be launched'
	[ ! -e "$PM2_HOME/pm2d.sock" ] || atf_fail "a daemon was started"
	quiet start p.json
	quiet stop a
	quiet start p.json --dry-run
	said 'App a would be started'
	check is a stopped
}

atf_init_test_cases()
{
	. "$(atf_get_srcdir)/../lib.sh"
	pm2_case readme__file_does_what_it_did 120
	pm2_case stop__file_with_mistakes
	pm2_case start__twice_changes_nothing
	pm2_case start__names_what_has_changed_and_leaves_it
	pm2_case start__without_argument_takes_the_ecosystem_file
	pm2_case start__takes_files_and_scripts_together
	pm2_case start__dry_run_starts_nothing
	pm2_case file__mistakes_start_nothing 120
	pm2_case file__words_mean_what_it_declares 120
	pm2_case file__only_and_env
	pm2_case env__file_wins_over_the_shell
	pm2_case env__update_replaces_the_shells_layer 120
	pm2_case diff__says_what_is_different
	pm2_case apply__does_what_has_changed 120
	pm2_case apply__failed_reload_leaves_the_old_one 120
	pm2_case restart__file_takes_what_it_says_now 120
	pm2_case ecosystem__modern_example 120
	pm2_case ecosystem__writes_a_sample_once
}
