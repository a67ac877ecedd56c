# The list as a file: dump (save), and resurrect.

# apps: a sleeper and a server, whose scripts are in this directory
scripts()
{
	printf '#!/bin/sh\nexec sleep 100000\n' > nap.sh
	chmod 755 . nap.sh
	cp "$EXAMPLES/http.js" server.js
}

quiet()
{
	"$@" > quiet.out 2>&1 || fail_with quiet.out
}

# facts file: all that is to come back, an app a line, from a dump
facts()
{
	python3 - "$1" <<'END'
import json, sys
with open(sys.argv[1], encoding="utf-8", errors="surrogateescape") as f:
    for app in sorted(json.load(f), key=lambda app: app["pm2d"]["id"]):
        own = app["pm2d"]
        print(own["id"], app["name"], own["first"], own["instance"],
            own["restarts"], own["wanted"], app["pm_out_log_path"],
            json.dumps(own["spec"], sort_keys=True))
END
}

# the same of what is in the list now
facts_now()
{
	quiet pm2ctl save
	facts "$PM2_HOME/dump.pm2"
}

# forget: all apps are gone, the dump is not
forget()
{
	quiet pm2ctl delete all
}

dump__is_private_and_the_one_before_is_kept()
{
	pm2_begin
	scripts
	umask 000
	quiet pm2ctl start nap.sh --name first
	atf_check -o match:'Dumping processes' \
	    -o match:"Successfully saved in $PM2_HOME/dump.pm2" pm2ctl dump
	atf_check_equal 600 "$(stat -c %a "$PM2_HOME/dump.pm2")"
	[ ! -e "$PM2_HOME/dump.pm2.bak" ] || atf_fail "there is none before"
	cp "$PM2_HOME/dump.pm2" before
	quiet pm2ctl start -f nap.sh --name second
	atf_check -o match:'Successfully saved' pm2ctl save
	check cmp before "$PM2_HOME/dump.pm2.bak"
	atf_check_equal 600 "$(stat -c %a "$PM2_HOME/dump.pm2.bak")"
	atf_check -o match:'"second"' cat "$PM2_HOME/dump.pm2"
	# nothing else is left of it
	atf_check_equal 2 "$(find "$PM2_HOME" -name 'dump*' | wc -l)"
}

dump__of_no_apps_needs_force()
{
	pm2_begin
	scripts
	quiet pm2ctl start nap.sh
	quiet pm2ctl save
	cp "$PM2_HOME/dump.pm2" before
	forget
	atf_check -s exit:1 -o ignore -e match:'no app is known.*--force' \
	    pm2ctl save
	check cmp before "$PM2_HOME/dump.pm2"
	atf_check -o ignore pm2ctl save --force
	atf_check_equal '[]' "$(tr -d ' \n' < "$PM2_HOME/dump.pm2")"
	check cmp before "$PM2_HOME/dump.pm2.bak"
	atf_check -o match:Resurrecting pm2ctl resurrect
}

dump__when_the_file_cannot_be_written()
{
	pm2_begin
	scripts
	quiet pm2ctl start nap.sh
	quiet pm2ctl save
	cp "$PM2_HOME/dump.pm2" before
	quiet pm2ctl start -f nap.sh --name second
	# no room for it: the old one stays, and nothing besides
	(ulimit -f 1 && trap '' XFSZ && exec env \
	    MANY="$(head -c 9000 /dev/zero | tr '\0' x)" pm2ctl start -f \
	    nap.sh --name third) > out 2>&1 || fail_with out
	atf_check -s exit:1 -o ignore -e match:'dump.pm2: ' \
	    sh -c 'ulimit -f 1; trap "" XFSZ; exec pm2ctl save'
	check cmp before "$PM2_HOME/dump.pm2"
	atf_check_equal 1 "$(find "$PM2_HOME" -name 'dump*' | wc -l)"
}

resurrect__brings_all_of_it_back()
{
	pm2_begin
	scripts
	quiet pm2ctl start nap.sh --name gone
	quiet pm2ctl start -f nap.sh --name stopped -o stopped.log
	quiet pm2ctl stop stopped
	quiet pm2ctl start -f nap.sh --name "two words" --kill-timeout 2s \
	    --max-restarts 3 --cron '0 3 * * *' -- --flag 'a b' ''
	quiet pm2ctl restart "two words"
	quiet pm2ctl restart "two words"
	PORT=$(free_port)
	export PORT
	quiet pm2ctl start server.js -i 3 --name web --max-memory-restart 500M
	# what is left of a team has the numbers it had
	quiet pm2ctl delete 3
	quiet pm2ctl delete gone
	facts_now > before
	atf_check_equal 4 "$(wc -l < before)"
	atf_check -o match:'^2 two words 2 0 2 True ' \
	    -o match:'^1 stopped 1 0 0 False ' \
	    -o match:'^4 web 3 1 0 True ' -o match:'^5 web 3 2 ' cat before

	forget
	atf_check -o match:'Process .*nap.sh launched' \
	    -o match:'Process .*nap.sh is known, and stopped' \
	    -o match:'Process .*server.js launched' -o match:'two words' \
	    pm2ctl resurrect
	facts_now > after
	# the first one of the team is not there: another one is
	sed 's/^\([45]\) web 3/\1 web 4/' before > expected
	atf_check diff expected after
	check is stopped stopped
	check is "two words" online
	wait_workers 2
	[ "$(app_pid stopped)" -eq 0 ] || atf_fail "the stopped one runs"
	# and once more with another daemon, with the same result
	quiet pm2ctl kill
	atf_check -o match:launched pm2ctl resurrect
	facts_now > again
	atf_check diff after again
}

resurrect__twice_is_as_once()
{
	pm2_begin
	scripts
	quiet pm2ctl start nap.sh --name a
	quiet pm2ctl start nap.sh -f --name b
	quiet pm2ctl start nap.sh -f --name b
	quiet pm2ctl stop a
	PORT=$(free_port)
	export PORT
	quiet pm2ctl start server.js -i 2
	facts_now > before
	pids=$(pm2ctl pid b; pm2ctl pid server)
	atf_check -o match:'there already .0.' -o match:'there already .4.' \
	    -o not-match:launched pm2ctl resurrect
	facts_now > after
	atf_check diff before after
	atf_check_equal "$pids" "$(pm2ctl pid b; pm2ctl pid server)"
	check is a stopped
	# some of them are there: the others join them
	quiet pm2ctl delete 1
	quiet pm2ctl delete 3
	atf_check -o match:'server.js launched' -o match:'nap.sh launched' \
	    pm2ctl resurrect
	facts_now > after
	sed 's/^\([34]\) server 3/\1 server 4/' after > a
	sed 's/^\([34]\) server 3/\1 server 4/' before > b
	atf_check diff b a
	atf_check_equal "$(sed -n 's/^3 server \([0-9]\).*/\1/p' after)" \
	    "$(sed -n 's/^4 server \([0-9]\).*/\1/p' after)"
}

resurrect__if_empty_only()
{
	pm2_begin
	scripts
	quiet pm2ctl start nap.sh --name a
	quiet pm2ctl save
	quiet pm2ctl delete a
	quiet pm2ctl start nap.sh --name b
	atf_check -o not-match:launched pm2ctl resurrect --if-empty
	atf_check -s exit:1 -o ignore -e ignore pm2ctl pid a
	forget
	atf_check -o match:launched pm2ctl resurrect --if-empty
	check is a online
}

resurrect__damaged_dumps()
{
	pm2_begin
	scripts
	quiet pm2ctl start nap.sh --name good
	quiet pm2ctl save
	quiet pm2ctl save
	cp "$PM2_HOME/dump.pm2" whole
	size=$(stat -c %s whole)
	for cut in 0 1 2 $((size / 3)) $((size / 2)) $((size - 200)) \
	    $((size - 3)); do
		echo "cut at $cut of $size"
		quiet pm2ctl delete all
		head -c "$cut" whole > "$PM2_HOME/dump.pm2"
		atf_check -s exit:1 -o match:'nap.sh launched' \
		    -e match:'dump.pm2:[0-9]*:[0-9]*: ' \
		    -e match:'taking the one before it, .*dump.pm2.bak' \
		    pm2ctl resurrect
		check is good online
	done
	# neither is any good
	quiet pm2ctl delete all
	echo '{"apps":[]}' > "$PM2_HOME/dump.pm2"
	echo '[{"name":' > "$PM2_HOME/dump.pm2.bak"
	atf_check -s exit:1 -o ignore -e match:'dump.pm2:1:1: this is no list' \
	    -e match:'dump.pm2.bak:[0-9]*:[0-9]*: ' pm2ctl resurrect
	# not what was asked for: nothing else is taken then
	atf_check -s exit:1 -o ignore -e match:'whole.cut:[0-9]*:[0-9]*: ' \
	    -e not-match:'before it' \
	    sh -c 'head -c 100 whole > whole.cut && pm2ctl resurrect whole.cut'
	atf_check -o match:launched pm2ctl resurrect whole
}

resurrect__without_a_dump()
{
	pm2_begin
	atf_check -o not-match:launched pm2ctl resurrect --if-empty
	atf_check -s exit:1 -o ignore \
	    -e match:'dump.pm2: No such file.*pm2ctl dump' pm2ctl resurrect
	mkdir "$PM2_HOME/dump.pm2"
	atf_check -s exit:1 -o ignore -e match:'dump.pm2: ' pm2ctl resurrect
	rmdir "$PM2_HOME/dump.pm2"
	mkfifo "$PM2_HOME/dump.pm2"
	atf_check -s exit:1 -o ignore -e match:'dump.pm2: ' pm2ctl resurrect
}

resurrect__says_which_do_not_come()
{
	pm2_begin
	scripts
	cp nap.sh lost.sh
	quiet pm2ctl start nap.sh --name stays
	quiet pm2ctl start lost.sh --name lost
	quiet pm2ctl start nap.sh -f --name other
	quiet pm2ctl save
	forget
	rm lost.sh
	atf_check -s exit:1 -o match:'Process .*/nap.sh launched' \
	    -e match:'Process .*/lost.sh not launched - .*(No such file|exist)' \
	    pm2ctl resurrect
	check is stays online
	check is other online
}

# Each app of these is another kind of nonsense; the good one comes.
resurrect__of_strange_entries()
{
	pm2_begin
	scripts
	cat > strange <<END
[1, null, "x", [], {}, {"name": "n"}, {"pm_exec_path": "rel/ative"},
{"name": "future", "pm_exec_path": "$PWD/nap.sh", "pm2d": {"format": 2}},
{"name": "bad", "pm_exec_path": "$PWD/nap.sh", "pm2d": {"format": 1,
 "id": 1, "first": 1, "instance": 0, "restarts": 0, "wanted": true,
 "spec": {"name": "bad", "script": "$PWD/nap.sh", "nonsense": 1}}},
{"name": "esc\u001b[2Jape", "pm_exec_path": "/no\u001b]0;x\u0007where"},
{"name": "good", "pm_exec_path": "$PWD/nap.sh", "env": {"A": "b"}}]
END
	atf_check -s exit:1 -o match:'nap.sh launched' -e save:err \
	    pm2ctl resurrect strange
	check is good online
	atf_check_equal 1 "$(pm2ctl jlist | grep -o '"pm_id":[0-9]*' |
	    sort -u | wc -l)"
	atf_check -o match:'another version of pm2d' \
	    -o match:'nonsense: is a key that' -o match:'without a name' \
	    cat err
	# the terminal is told none of it
	! LC_ALL=C grep -q "$(printf '[\033\007]')" err || atf_fail "raw"
}

dump__has_no_secrets()
{
	pm2_begin
	scripts
	cat > apps.json <<END
{"apps": [{"name": "bank", "script": "./nap.sh",
    "secret": {"PASSWORD": "hunter2canary"}},
    {"name": "plain", "script": "./nap.sh"}]}
END
	quiet pm2ctl start apps.json
	atf_check -o match:Successfully \
	    -e match:"bank .0. has secrets.*pm2ctl start $PWD/apps.json" \
	    pm2ctl save
	! grep -r hunter2canary "$PM2_HOME/dump.pm2" || atf_fail "there it is"
	atf_check -o match:PASSWORD cat "$PM2_HOME/dump.pm2"
	forget
	atf_check -s exit:1 -o match:'nap.sh launched' \
	    -e match:"not launched.*secrets are in no dump: pm2ctl start $PWD/apps.json" \
	    pm2ctl resurrect
	atf_check -o ignore -e ignore pm2ctl start apps.json
	check is bank online
	# it is there: nothing is amiss
	quiet pm2ctl save
	quiet pm2ctl resurrect
}

dump__environment_that_is_no_text()
{
	pm2_begin
	cat > says.sh <<'END'
#!/bin/sh
printf '%s|%s' "$ODD" "$LINES_" > said.tmp
mv said.tmp said
exec sleep 100000
END
	chmod +x says.sh
	ODD=$(printf 'a\377\200"\\\001z')
	LINES_=$(printf 'one\n\ttwo \342\202\254')
	export ODD LINES_
	quiet pm2ctl start says.sh -- "$ODD"
	wait_for "test -f said" 5
	mv said before
	quiet pm2ctl save
	forget
	unset ODD LINES_
	quiet pm2ctl resurrect
	wait_for "test -f said" 5
	check cmp before said
	[ -s before ] || atf_fail "nothing was said"
	check grep -q "$(printf 'a\377')" before
	check python3 -c 'import json, sys; json.load(open(sys.argv[1]))' \
	    "$PM2_HOME/dump.pm2"
}

# what pm2 0.7 has left, its own fields and mode 0644 and all
old_dump()
{
	sed "s|@DIR@|$PWD|g; s|@PORT@|$PORT|g" \
	    "$PM2D_SOURCES/regress/pm2ctl/dumps/$1" > "$PM2_HOME/dump.pm2"
	chmod 644 "$PM2_HOME/dump.pm2"
}

resurrect__of_pm2_0_7()
{
	pm2_begin
	scripts
	PORT=$(free_port)
	mkdir -m 755 logs
	old_dump pm2-0.7.json
	atf_check -o match:launched pm2ctl resurrect
	atf_check_equal 4 "$(count_status online)"
	check is sleeper stopped
	atf_check -o match:'^MINE=value from shell' pm2ctl env nap --why MINE
	wait_workers 2
	# the workers are one app
	atf_check -o ignore pm2ctl reload server
	wait_workers 2
	facts_now > once
	atf_check -o match:'^0 server 0 0 ' -o match:'^1 server 0 1 ' \
	    -o match:"^2 nap 2 0 .* $PWD/logs/nap-out-2.log " cat once
	old_dump pm2-0.7.json
	atf_check -o not-match:launched pm2ctl resurrect
	facts_now > twice
	atf_check diff once twice
}

resurrect__of_todays_pm2()
{
	pm2_begin
	scripts
	PORT=$(free_port)
	mkdir -m 755 logs
	old_dump pm2-7.json
	atf_check -o match:launched pm2ctl resurrect
	facts_now > once
	atf_check -o match:'^0 web 0 0 ' -o match:'^4 web 0 1 ' \
	    -o match:'^1 nap 1 0 0 False .*/nap.out ' \
	    -o match:'"args": \["a b", "c"\]' \
	    -o match:'"cron_restart": "0 3 \* \* \*"' \
	    -o match:'"max_memory_restart": 209715200' cat once
	wait_workers 2
	old_dump pm2-7.json
	atf_check -o not-match:launched pm2ctl resurrect
	facts_now > twice
	atf_check diff once twice
}

# One that pm2 itself has just made.
resurrect__of_a_dump_by_pm2_itself()
{
	[ -x "$PEERS/bin/pm2" ] || atf_skip "there is no pm2 (regress/nodes.sh)"
	pm2_begin
	scripts
	PORT=$(free_port)
	export PORT
	theirs=$(pm2_newhome)
	cat > apps.json <<'END'
{"apps": [{"name": "web", "script": "./server.js", "instances": 2,
  "exec_mode": "cluster", "env": {"MODE": "declared"}, "kill_timeout": 3000},
 {"name": "nap", "script": "./nap.sh", "interpreter": "none"},
 {"name": "still", "script": "./nap.sh", "interpreter": "none",
  "args": ["a b", "c"], "cron_restart": "0 3 * * *"}]}
END
	for words in "start apps.json" "stop still" "save" "kill"; do
		# shellcheck disable=SC2086
		PM2_HOME=$theirs "$PEERS/bin/pm2" $words > pm2.out 2>&1 ||
		    fail_with pm2.out
	done
	cp "$theirs/dump.pm2" "$PM2_HOME/dump.pm2"
	unset PORT
	atf_check -o match:launched pm2ctl resurrect
	check is still stopped
	check is nap online
	atf_check -o match:'^MODE=declared ' pm2ctl env web --why MODE
	PORT=$(sed -n 's/.*"PORT": *"\([0-9]*\)".*/\1/p' "$PM2_HOME/dump.pm2" |
	    head -n 1)
	wait_workers 2 "$PORT"
	facts_now > now
	atf_check -o match:'"args": \["a b", "c"\]' cat now
}

# Five hundred of them, all of whom are to be there.
resurrect__of_five_hundred()
{
	pm2_begin
	scripts
	quiet pm2ctl start nap.sh --name first
	quiet pm2ctl save
	quiet pm2ctl delete all
	python3 - "$PM2_HOME/dump.pm2" <<'END'
import copy, json, sys
with open(sys.argv[1]) as f:
    app = json.load(f)[0]
apps = []
for i in range(500):
    app = copy.deepcopy(app)
    app["name"] = app["pm2d"]["spec"]["name"] = "app%03d" % (i // 5)
    app["pm2d"].update(id=i, first=i - i % 5, instance=i % 5,
        wanted=i % 10 == 0)
    apps.append(app)
with open(sys.argv[1], "w") as f:
    json.dump(apps, f)
END
	facts "$PM2_HOME/dump.pm2" | sed 's/ [^ ]*.log / /' > before
	quiet pm2ctl resurrect
	facts_now > after.logs
	sed 's/ [^ ]*.log / /' after.logs > after
	check cmp before after
	check grep -q '/app099-out-499.log ' after.logs
	atf_check_equal 50 "$(count_status online)"
}

# The system's pm2d brings back the dumps of users that its file names: each
# is asked for as that user, and what goes wrong is logged.  The users' homes
# are covered by others, that nobody else sees.
boot__resurrects_the_users_that_are_named()
{
	unshare -m true 2>/dev/null || atf_skip "no mounts of one's own here"
	pm2_begin
	unset PM2_HOME
	for user in www-data games mail; do
		[ -d "$(getent passwd $user | cut -d : -f 6)" ] ||
		    atf_skip "$user has no home here"
	done
	WWW=$(getent passwd www-data | cut -d : -f 6)
	SYS=$(pm2_newhome)
	chmod 755 "$SYS"
	printf '#!/bin/sh\nenv > %s/env.$(id -un)\nexec sleep 1000\n' "$WWW" \
	    > "$SYS/app.sh"
	chmod 755 "$SYS/app.sh"
	cat > "$SYS/pm2d.conf" <<END
listen on "$SYS/pm2d.sock"
state directory "$SYS/state"
log directory "$SYS/log"
permit all as self
resurrect { www-data games mail }
END
	export SYS WWW
	cat > inside.sh <<'END'
mount --make-rprivate /
home()
{
	getent passwd "$1" | cut -d : -f 6
}
# (set -e heeds no "!")
not()
{
	if "$@"; then exit 1; fi
}
end()
{
	pid=$(tr -dc 0-9 < "$SYS/pm2.pid")
	kill -TERM "$pid"
	while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
}
logged()
{
	tries=0
	until grep -q "$1" "$SYS/log/pm2.log"; do
		tries=$((tries + 1))
		[ $tries -lt 200 ] || { cat "$SYS/log/pm2.log"; exit 1; }
		sleep 0.05
	done
}
as()
{
	user=$1
	shift
	(cd / && setpriv --reuid="$user" --regid="$(id -g "$user")" \
	    --init-groups env HOME="$(home "$user")" \
	    PM2_SOCKET="$SYS/pm2d.sock" timeout 30 pm2ctl "$@")
}
cd /
for user in www-data games mail; do
	mount -t tmpfs none "$(home $user)"
	chown $user "$(home $user)"
done
chmod 777 "$(home www-data)"
pm2d -f "$SYS/pm2d.conf"
# nothing is dumped yet: that is no news
for user in www-data games mail; do
	logged "resurrect of $user: done"
done
for user in www-data games; do
	SECRET=canary as $user start "$SYS/app.sh" --name "of-$user"
	as $user save
	as $user delete all
done
as games start "$SYS/app.sh" --name new
mkdir "$(home mail)/.pm2"
chown mail "$(home mail)/.pm2"
printf '[{"name": "x", "pm_exec_path": "/no/such\\u001b[2J"}]\n' \
    > "$(home mail)/.pm2/dump.pm2"
end
rm -f "$WWW"/env.* "$SYS/log/pm2.log"
pm2d -f "$SYS/pm2d.conf"
logged "resurrect of www-data: done"
logged "resurrect of games: done"
logged "resurrect of mail: .*/no/such"
logged "resurrect of mail: not all of it"
not grep "$(printf '\033')" "$SYS/log/pm2.log"
as www-data pid of-www-data
as www-data list | grep of-www-data
# this one had apps already
as games list > list
not grep of-games list
grep new list
# it is run as himself
grep -q '^SECRET=canary$' "$WWW/env.www-data"
# and not again when the file is read again
as www-data delete all
lines=$(grep -c 'resurrect of' "$SYS/log/pm2.log")
kill -HUP "$(tr -dc 0-9 < "$SYS/pm2.pid")"
logged 'read again'
sleep 1
[ "$(grep -c 'resurrect of' "$SYS/log/pm2.log")" -eq "$lines" ]
end
END
	unshare -m sh -ex inside.sh > out 2>&1 || fail_with out
}

atf_init_test_cases()
{
	. "$(atf_get_srcdir)/../lib.sh"
	pm2_case dump__is_private_and_the_one_before_is_kept
	pm2_case dump__of_no_apps_needs_force
	pm2_case dump__when_the_file_cannot_be_written
	pm2_case dump__has_no_secrets
	pm2_case dump__environment_that_is_no_text
	pm2_case resurrect__brings_all_of_it_back 120
	pm2_case resurrect__twice_is_as_once 120
	pm2_case resurrect__if_empty_only
	pm2_case resurrect__damaged_dumps 120
	pm2_case resurrect__without_a_dump
	pm2_case resurrect__says_which_do_not_come
	pm2_case resurrect__of_strange_entries
	pm2_case resurrect__of_pm2_0_7 120
	pm2_case resurrect__of_todays_pm2 120
	pm2_case resurrect__of_a_dump_by_pm2_itself 180
	pm2_case resurrect__of_five_hundred 120
	pm2_case boot__resurrects_the_users_that_are_named 120 root
}
