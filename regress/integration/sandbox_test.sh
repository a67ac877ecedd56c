# What apps may: sandboxes around real interpreters, limits, groups, roots.

# A place of the app's own, not below /tmp (basic lets it write there) where
# we can have one; nobody's home is above it.
begin_box()
{
	pm2_begin
	HOME=/nonexistent
	export HOME
	box=$(mktemp -d /var/tmp/pm2d.XXXXXX) || atf_fail "no place"
	echo "$box" >> homes
	mkdir "$box/app" "$box/secret"
	echo secret > "$box/secret/file"
	chmod -R a+rX "$box"
	chmod a+w "$box/secret" "$box/secret/file"
	own=
	if [ "$(id -u)" -eq 0 ]; then
		own="--user $USER1"
		chown "$USER1" "$box/app"
	fi
	cd "$box/app" || atf_fail "no place"
}

# What a script of any language is to try: one line per try is its answer.
node_tries()
{
	cat > app.js <<'END'
const fs = require('fs'), http = require('http');
const run = require('child_process').execFileSync;
const secret = process.argv[2] + '/secret/';
const port = +process.argv[3];
const tries = {
	own: () => fs.writeFileSync('own', 'x'),
	mine: () => fs.readFileSync(__filename),
	etc: () => fs.readFileSync('/etc/passwd'),
	tmp: () => fs.writeFileSync(process.argv[2] + '/new', 'x'),
	readsecret: () => fs.readFileSync(secret + 'file'),
	writesecret: () => fs.writeFileSync(secret + 'file', 'x'),
	listsecret: () => fs.readdirSync(secret),
	mount: () => run('unshare', ['-U', 'true'], { stdio: 'ignore' }),
	shell: () => run('sh', ['-c', 'exit 0']),
	thread: () => new (require('worker_threads').Worker)(
	    'process.exit()', { eval: true }),
	crypto: () => require('crypto').randomBytes(8)
};
http.createServer((req, res) => {
	let text = '';
	for (const name in tries)
		try {
			tries[name]();
			text += name + ' ok\n';
		} catch (e) {
			text += name + ' ' + (e.code || 'failed') + '\n';
		}
	res.end(text);
}).listen(port, '127.0.0.1');
END
}

fetch()
{
	perl -MIO::Socket::INET -e '
	    $s = IO::Socket::INET->new("127.0.0.1:'"$1"'") or exit 1;
	    print $s "GET / HTTP/1.0\r\n\r\n"; local $/; $_ = <$s>;
	    s/.*?\r\n\r\n//s; print'
}

# box_node level [option...]: what Node could do at this level, in ../tried
box_node()
{
	level=$1
	shift
	node_tries
	port=$(free_port)
	# shellcheck disable=SC2086
	pm2ctl start app.js $own --sandbox "$level" "$@" -- "$box" "$port" \
	    > ../out 2>&1 || fail_with ../out
	wait_for "fetch $port | grep -q own" 20
	fetch "$port" > ../tried
	cat ../tried
}

basic__node()
{
	begin_box
	box_node basic
	for what in own mine etc readsecret listsecret shell thread crypto; do
		atf_check -o match:"^$what ok$" cat ../tried
	done
	atf_check -o match:'^mount ' -o not-match:'^mount ok' cat ../tried
	case $(pm2ctl doctor) in
	*"no landlock"*)	return ;;
	esac
	# /var/tmp is everybody's to write to, and the modes say the rest
	atf_check -o match:'^writesecret ok$' cat ../tried
}

strict__node()
{
	begin_box
	can_be_strict
	box_node strict
	strict_node_said
}

strict__node_in_a_cluster()
{
	begin_box
	can_be_strict
	box_node strict -i 2
	strict_node_said
	atf_check -o ignore pm2ctl reload all
	fetch "$port" > ../tried
	strict_node_said
}

strict_node_said()
{
	for what in own mine etc shell thread crypto; do
		atf_check -o match:"^$what ok$" cat ../tried
	done
	for what in tmp readsecret writesecret listsecret; do
		atf_check -o match:"^$what EACCES$" cat ../tried
	done
	atf_check -o match:'^mount ' -o not-match:'^mount ok' cat ../tried
	atf_check -o inline:'secret\n' cat ../secret/file
}

can_be_strict()
{
	pm2ctl ping > /dev/null || exit 1
	case $(pm2ctl doctor) in
	*"strict is refused"*)	atf_skip "strict cannot be had here" ;;
	esac
}

strict__python()
{
	begin_box
	can_be_strict
	python=$(command -v /usr/bin/python3) || atf_skip "no python3"
	cat > app.py <<'END'
import json, os, random, socket, subprocess, sys, tempfile, threading, time

def tried(name, what):
    try:
        what()
        print(name, "ok", flush=True)
    except OSError as e:
        print(name, type(e).__name__, flush=True)

box, sock = sys.argv[1:]
tried("own", lambda: open("own", "w").close())
tried("temp", lambda: tempfile.TemporaryFile().close())
tried("secret", lambda: open(box + "/secret/file"))
tried("list", lambda: os.listdir("/"))
tried("inet", lambda: socket.socket().bind(("127.0.0.1", 0)))
tried("pm2d", lambda: socket.socket(socket.AF_UNIX).connect(sock))
tried("log", lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
tried("spawn", lambda: subprocess.check_call(["true"]))
tried("parent", lambda: os.kill(os.getppid(), 0))
t = threading.Thread(target=lambda: print("thread ok", flush=True))
t.start()
t.join()
open("done", "w").close()
time.sleep(1000)
END
	# shellcheck disable=SC2086
	pm2ctl start app.py $own --sandbox strict --interpreter "$python" -- \
	    "$box" "$PM2_HOME/pm2.sock" > ../out 2>&1 || fail_with ../out
	wait_for "test -f done" 20
	wait_for "pm2ctl logs all --nostream --raw --lines 50 | grep -q thread" 5
	pm2ctl logs all --nostream --raw --lines 50 > ../tried 2>&1
	cat ../tried
	for what in own temp inet log spawn thread; do
		atf_check -o match:"^$what ok$" cat ../tried
	done
	for what in secret list parent pm2d; do
		atf_check -o match:"^$what PermissionError$" cat ../tried
	done
}

strict__shell()
{
	begin_box
	can_be_strict
	cat > app.sh <<'END'
#!/bin/sh
t() { name=$1; shift; if "$@" >/dev/null 2>&1; then echo "$name ok"
else echo "$name no"; fi; }
t own touch own
t pipe sh -c 'date | grep -q :'
t secret cat "$1/secret/file"
t elsewhere touch "$1/new"
t chroot chroot / true
t setuid sh -c 'grep -q "NoNewPrivs:.1" /proc/self/status'
touch done
exec sleep 1000
END
	chmod +x app.sh
	# shellcheck disable=SC2086
	pm2ctl start ./app.sh $own --sandbox strict -- "$box" > ../out 2>&1 ||
	    fail_with ../out
	wait_for "test -f done" 10
	wait_for "pm2ctl logs all --nostream --raw --lines 50 | grep -q setuid" 5
	pm2ctl logs all --nostream --raw --lines 50 > ../tried 2>&1
	atf_check -o match:'^own ok' -o match:'^pipe ok' \
	    -o match:'^setuid ok' -o match:'^secret no' \
	    -o match:'^elsewhere no' -o match:'^chroot no' cat ../tried
}

strict__refused_where_it_means_nothing()
{
	begin_box
	can_be_strict
	printf '#!/bin/sh\nexec sleep 1000\n' > app.sh
	chmod +x app.sh
	# shellcheck disable=SC2086
	atf_check -s not-exit:0 -o ignore -e match:'sandbox.*cwd' \
	    pm2ctl start ./app.sh $own --sandbox strict --cwd /
	atf_check -s not-exit:0 -o ignore -e match:'(sandbox|strict)' \
	    pm2ctl start -f ./app.sh --sandbox stricter
	[ "$(id -u)" -ne 0 ] && return
	atf_check -s not-exit:0 -o ignore \
	    -e match:'strict cannot hold root.*user' \
	    pm2ctl start -f ./app.sh --sandbox strict
	atf_check -s not-exit:0 -o ignore \
	    -e match:'strict cannot hold root.*user' \
	    pm2ctl start -f ./app.sh --sandbox strict --user root
}

limits__reach_the_app()
{
	begin_box
	# shellcheck disable=SC2086
	atf_check -o ignore pm2ctl start sleep $own --umask 027 --nice 11 \
	    --no-new-privs --limit-nofile 77 --limit-core 0 \
	    --limit-fsize 1m --limit-cpu 33 --limit-stack 1m \
	    --limit-memory 1g --limit-processes 3000 -- 1000
	pid=$(app_pid sleep)
	atf_check -o match:'Max open files +77 +77 ' \
	    -o match:'Max core file size +0 +0 ' \
	    -o match:'Max file size +1048576 +1048576 ' \
	    -o match:'Max cpu time +33 +33 ' \
	    -o match:'Max stack size +1048576 +1048576 ' \
	    -o match:'Max address space +1073741824 +1073741824 ' \
	    -o match:'Max processes +3000 +3000 ' cat "/proc/$pid/limits"
	atf_check -o match:'^NoNewPrivs:	1' -o match:'^Umask:	0027' \
	    cat "/proc/$pid/status"
	atf_check -o match:'11' ps -o ni= -p "$pid"
	atf_check -o match:'umask .* 027 ' -o match:'nice .* 11 ' \
	    -o match:'no new privs .* true' -o match:'limit nofile .* 77 ' \
	    -o match:'limit memory .* 1G ' pm2ctl describe sleep
	# and are there after a restart
	atf_check -o ignore pm2ctl restart sleep
	atf_check -o match:'Max open files +77 +77 ' \
	    cat "/proc/$(app_pid sleep)/limits"
}

limits__others_do_not_raise_them()
{
	begin_box
	ulimit -n 500
	pm2ctl ping > /dev/null || exit 1
	atf_check -s not-exit:0 -o ignore \
	    -e match:'limit_nofile: 501 is more.*500.*ulimit' \
	    pm2ctl start sleep --limit-nofile 501 -- 1000
	atf_check -s not-exit:0 -o ignore -e match:'nice: -1 is less' \
	    pm2ctl start sleep --nice -1 -- 1000
	atf_check -s not-exit:0 -o ignore \
	    -e match:'chroot: pm2d does not run as root' \
	    pm2ctl start sleep --chroot /usr -- 1000
	atf_check -s not-exit:0 -o ignore \
	    -e match:'group.*only a pm2d that runs as root' \
	    pm2ctl start sleep --group daemon -- 1000
	# one's own is nothing new
	atf_check -o ignore pm2ctl start -f sleep --name own \
	    --group "$(id -gn)" --limit-nofile 500 -- 1000
}

group__primary()
{
	begin_box
	# of root's daemon any group may be had; what is not there may not
	atf_check -o ignore pm2ctl start sleep --user "$USER1" \
	    --group daemon -- 1000
	atf_check -o match:"^Gid:	$(id -g daemon)	$(id -g daemon)	" \
	    -o match:"^Uid:	$(id -u "$USER1")	" \
	    cat "/proc/$(app_pid sleep)/status"
	atf_check -s not-exit:0 -o ignore -e match:'no such group' \
	    pm2ctl start -f sleep --name b --group nosuchgroup -- 1000
}

chroot__of_root()
{
	begin_box
	[ -x /usr/bin/sleep ] && [ -d /usr/lib64 ] ||
	    atf_skip "/usr is no root directory here"
	atf_check -o ignore pm2ctl start /bin/sleep --user "$USER1" \
	    --chroot /usr --cwd /bin -- 1000
	pid=$(app_pid sleep)
	atf_check -o match:'^/usr$' readlink "/proc/$pid/root"
	atf_check -o match:'^/usr/bin$' readlink "/proc/$pid/cwd"
	atf_check -s not-exit:0 -o ignore -e match:"not root's, or others" \
	    pm2ctl start -f /bin/sleep --name b --chroot "$box/app" --cwd /bin \
	    -- 1000
}

cgroup__kept_or_refused()
{
	begin_box
	pm2ctl ping > /dev/null || exit 1
	pm2ctl doctor > ../doctor
	if grep -q 'app limits.*memory' ../doctor; then
		atf_check -o ignore pm2ctl start sleep \
		    --cgroup-memory 64m -- 1000
		group=$(sed -n 's/^0:://p' "/proc/$(app_pid sleep)/cgroup")
		atf_check -o match:'^67108864$' \
		    cat "/sys/fs/cgroup$group/memory.max"
		return
	fi
	atf_check -s not-exit:0 -o ignore -e match:'cgroup_memory: .*memory' \
	    pm2ctl start sleep --cgroup-memory 64m -- 1000
	atf_check -s not-exit:0 -o ignore -e match:'cgroup_cpu: .*cpu' \
	    pm2ctl start sleep --cgroup-cpu 1.5 -- 1000
	atf_check -s not-exit:0 -o ignore -e match:'cgroup_pids: .*pids' \
	    pm2ctl start sleep --cgroup-pids 10 -- 1000
	atf_check_equal 0 "$(pm2ctl jlist | grep -c sleep)"
}

atf_init_test_cases()
{
	. "$(atf_get_srcdir)/../lib.sh"
	pm2_case basic__node
	pm2_case strict__node
	pm2_case strict__node_in_a_cluster
	pm2_case strict__python
	pm2_case strict__shell
	pm2_case strict__refused_where_it_means_nothing
	pm2_case limits__reach_the_app
	pm2_case limits__others_do_not_raise_them 60 unprivileged
	pm2_case group__primary 60 root
	pm2_case chroot__of_root 60 root
	pm2_case cgroup__kept_or_refused
}
