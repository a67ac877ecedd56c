# pm2d -n, -nv and -C, as they are installed, and the process that reads.

# A file that is good: "games" and "nobody" are there, as everywhere else.
good_conf()
{
	cat > "$1" <<'END'
ops = "{ start stop logs }"
unused = "x"
deny all
permit $ops games as { self nobody }	# line 4
permit start games as nobody \
    cmd "/bin/sleep"
deny start games as nobody cmd "/bin/sh"
permit { doctor kill } :games
limit { apps 5
	memory 1G }
permit port { 80 443 } as nobody
include "more.conf"
END
	printf '\npermit restart nobody\n' > "$(dirname "$1")/more.conf"
	chmod 644 "$1" "$(dirname "$1")/more.conf"
}

check__good_file_is_ok()
{
	pm2_begin
	good_conf pm2d.conf
	atf_check -e inline:"configuration OK\n" pm2d -n -f pm2d.conf
	atf_check -e inline:"configuration OK\n" pm2d -n -f "$PWD/pm2d.conf"
}

check__all_mistakes_with_their_lines()
{
	pm2_begin
	cat > pm2d.conf <<'END'
permit start no-such-user-here
listen on relative
permit { start stop } games
include "missing.conf"
limit apps x
END
	cat > want <<END
$PWD/pm2d.conf:1: there is no user no-such-user-here
$PWD/pm2d.conf:2: 'relative' is not an absolute path
$PWD/pm2d.conf:4: include "$PWD/missing.conf": No such file or directory
$PWD/pm2d.conf:5: 'x': a number of apps is a number from 0 to 1000000
END
	chmod 644 pm2d.conf
	atf_check -s exit:1 -e file:want pm2d -n -f pm2d.conf
	atf_check -s exit:1 -e file:want pm2d -nv -f pm2d.conf
	atf_check -s exit:1 -e file:want pm2d -n -f pm2d.conf -C games stop games
	# in a file that is included, it is that one's line
	echo 'include "pm2d.conf"' > outer.conf
	atf_check -s exit:1 -e file:want pm2d -n -f outer.conf
}

check__file_that_is_not_safe()
{
	pm2_begin
	atf_check -s exit:1 -e match:"/none: No such file" pm2d -n -f none
	good_conf pm2d.conf
	chmod 664 pm2d.conf
	atf_check -s exit:1 -e match:"can be written by others.*0664" \
	    pm2d -n -f pm2d.conf
	chmod 644 pm2d.conf
	chmod 646 more.conf
	atf_check -s exit:1 \
	    -e match:'pm2d.conf:12: include.*more.conf.*written by others' \
	    pm2d -n -f pm2d.conf
	ln -s pm2d.conf link.conf
	atf_check -s exit:1 -e match:"symbolic link" pm2d -n -f link.conf
	head -c 1100000 /dev/zero | tr '\0' '#' > big.conf
	chmod 644 big.conf
	atf_check -s exit:1 -e match:"big.conf: is larger than 1048576" \
	    pm2d -n -f big.conf
	head -c 10000 /dev/urandom > noise.conf
	chmod 644 noise.conf
	atf_check -s exit:1 -e match:"noise.conf:[0-9]*: " pm2d -n -f noise.conf
}

print__is_read_as_the_same()
{
	pm2_begin
	good_conf pm2d.conf
	atf_check -o save:printed \
	    -e inline:"$PWD/pm2d.conf:2: macro unused is not used (warning)\nconfiguration OK\n" \
	    pm2d -nv -f pm2d.conf
	atf_check -o ignore grep -Fx \
	    'permit { start stop logs } games as nobody' printed
	chmod 644 printed
	atf_check -o file:printed -e ignore pm2d -nv -f printed
}

ask__says_which_line_decides()
{
	pm2_begin
	good_conf pm2d.conf
	f=$PWD/pm2d.conf
	while read -r status words question; do
		words=$(echo "$words" | tr _ ' ')
		# shellcheck disable=SC2086
		atf_check -s "exit:$status" -o inline:"$words\n" \
		    pm2d -n -f pm2d.conf -C $question
	done <<END
0 permit_($f:4) games stop games
0 permit_($f:5) games list nobody/api
0 permit_($f:4) games stop nobody
1 deny_($f:3) games restart nobody
1 deny_($f:3) games stop root
0 permit_($f:4) games start games
0 permit_($f:5) games start nobody /bin/sleep
1 deny_($f:7) games start nobody /bin/sh
0 permit_($f:4) games start nobody /bin/true
0 permit_($f:8) games kill
0 permit_($f:8) games doctor root
1 deny_($f:3) nobody kill
0 permit_($PWD/more.conf:2) nobody restart nobody
1 deny_($f:3) nobody restart games
0 permit_(root) root kill
END
	: > empty.conf
	chmod 644 empty.conf
	atf_check -s exit:1 -o inline:"deny (no rule)\n" \
	    pm2d -n -f empty.conf -C games stop games
	atf_check -s exit:1 -e match:"no command that a rule can name" \
	    pm2d -n -f pm2d.conf -C games explode games
	atf_check -s exit:1 -e match:"there is no user no-such" \
	    pm2d -n -f pm2d.conf -C no-such stop games
	atf_check -s exit:1 -e match:"there is no user no-such" \
	    pm2d -n -f pm2d.conf -C games stop no-such/api
	atf_check -s exit:1 -e match:"say as whom" \
	    pm2d -n -f pm2d.conf -C games stop
}

usage__of_n()
{
	pm2_begin
	good_conf pm2d.conf
	for args in "-n x" "-n -h /tmp" "-n -d" "-n -C games" \
	    "-n -C a b c d e" "-C games stop"; do
		# shellcheck disable=SC2086
		atf_check -s exit:1 -e match:"^usage: pm2d" pm2d $args
	done
	atf_check -s exit:1 -e match:'^pm2d: -f' \
	    pm2d -f pm2d.conf
}

user__may_check_too()
{
	pm2_begin
	place=$(mktemp -d /tmp/pm2d.XXXXXX)
	echo "$place" >> homes
	good_conf "$place/pm2d.conf"
	chmod 755 "$place"
	as1="setpriv --reuid=$USER1 --regid=$(id -g $USER1) --init-groups"
	as2="setpriv --reuid=$USER2 --regid=$(id -g $USER2) --init-groups"
	atf_check -e inline:"configuration OK\n" \
	    $as1 pm2d -n -f "$place/pm2d.conf"
	atf_check -o match:"^permit " \
	    $as1 pm2d -n -f "$place/pm2d.conf" -C games stop games
	# his own, which root does not believe
	chown $USER1 "$place/pm2d.conf"
	atf_check -e inline:"configuration OK\n" \
	    $as1 pm2d -n -f "$place/pm2d.conf"
	atf_check -s exit:1 -e match:"belongs to user .* is to be root's" \
	    pm2d -n -f "$place/pm2d.conf"
	atf_check -s exit:1 -e match:"belongs to user" \
	    $as2 pm2d -n -f "$place/pm2d.conf"
	chown 0:0 "$place/pm2d.conf"
	chmod 600 "$place/pm2d.conf"
	atf_check -s exit:1 -e match:"Permission denied" \
	    $as1 pm2d -n -f "$place/pm2d.conf"
}

# Who reads has no rights, and who looks up names does not have the file.
reader__is_harmless()
{
	pm2_begin "$PM2D_SHIP"
	cat > reader.py <<'END'
import os, socket, subprocess, sys, time

def status(pid):
    with open("/proc/%d/status" % pid) as f:
        return dict(line.rstrip("\n").split(":\t", 1) for line in f
            if ":\t" in line)

def channel():
    os.dup2(theirs.fileno(), 3)
    os.set_inheritable(3, True)

ours, theirs = socket.socketpair()
args = [sys.argv[1]]
if os.getuid() == 0:
    args += ["-u", "nobody"]
reader = subprocess.Popen(args, preexec_fn=channel, close_fds=False)
theirs.close()
for i in range(200):
    s = status(reader.pid)
    if s["Seccomp"] == "2":
        break
    time.sleep(0.05)
for key in "Seccomp", "NoNewPrivs", "CapEff", "CapPrm", "CapBnd", "Uid", "Groups":
    print("reader", key, s[key].strip())
with open("/proc/%d/task/%d/children" % (reader.pid, reader.pid)) as f:
    names = int(f.read())
t = status(names)
for key in "NoNewPrivs", "CapEff", "CapPrm", "Uid":
    print("names", key, t[key].strip())
fds = os.listdir("/proc/%d/fd" % names) if os.getuid() == 0 else []
print("names fds", len(fds))
ours.close()
print("exit", reader.wait())
for i in range(200):
    if not os.path.exists("/proc/%d" % names) or \
        status(names)["State"].startswith("Z"):
        print("names ended")
        break
    time.sleep(0.05)
END
	atf_check -o save:said python3 reader.py \
	    "$PM2D_SHIP/libexec/pm2d/pm2d-conf"
	cat said
	for want in "reader Seccomp 2" "reader NoNewPrivs 1" \
	    "reader CapEff 0000000000000000" \
	    "reader CapPrm 0000000000000000" "names NoNewPrivs 1" \
	    "names CapEff 0000000000000000" "exit 0" "names ended"; do
		grep -qFx "$want" said || atf_fail "not so: $want"
	done
	if [ "$(id -u)" = 0 ]; then
		uid=$(id -u nobody)
		for who in reader names; do
			grep -qFx "$who Uid $uid	$uid	$uid	$uid" said ||
			    atf_fail "$who is somebody else"
		done
		grep -qFx "reader CapBnd 0000000000000000" said ||
		    atf_fail "bounding set"
		# 0, 1, 2 and the socket to the reader
		grep -qFx "names fds 4" said || atf_fail "descriptors"
	fi
}

reader__started_by_hand_does_nothing()
{
	pm2_begin
	atf_check -s exit:1 -e match:"is started by pm2d" \
	    "$PM2D_STAGE/libexec/pm2d/pm2d-conf"
}

atf_init_test_cases()
{
	. "$(atf_get_srcdir)/../lib.sh"
	pm2_case check__good_file_is_ok
	pm2_case check__all_mistakes_with_their_lines
	pm2_case check__file_that_is_not_safe
	pm2_case print__is_read_as_the_same
	pm2_case ask__says_which_line_decides
	pm2_case usage__of_n
	pm2_case user__may_check_too 60 root
	pm2_case reader__is_harmless
	pm2_case reader__started_by_hand_does_nothing
}
