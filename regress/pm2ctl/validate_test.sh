# validate tells all mistakes, and starts nothing.

started_nothing()
{
	[ ! -e "$PM2_HOME/pm2d.sock" ] || atf_fail "a daemon was started"
}

validate__examples()
{
	pm2_begin
	cp -R "$PM2D_SOURCES/etc/examples/." .
	for file in processes.json ecosystem.config.js apps.yaml; do
		pm2ctl validate "$file" > out 2> err || {
			cat out err
			atf_fail "$file"
		}
		[ ! -s err ] || atf_fail "$(cat err)"
		atf_check -o match:"^$file: [1-9][0-9]* apps?, no mistakes" \
		    cat out
	done
	started_nothing
}

validate__tells_all_mistakes()
{
	pm2_begin
	cat > bad.json <<'END'
[{
  name: "a", script: "sleep", // fine
  instances: "lots",
  max_memory_restart: "200X",
}, {
  script: "./nope.js"
}]
END
	atf_check -s exit:1 -e save:err pm2ctl validate bad.json
	atf_check grep -qxF 'PM2 [ERROR] bad.json:3:14: apps[0].instances:'\
' expected a number, at most 4096, or "max"' err
	atf_check grep -qxF 'PM2 [ERROR] bad.json:4:23: '\
'apps[0].max_memory_restart: 200X is not a size (such as 4096, 512K, 10M or 1G)' err
	atf_check grep -q '^PM2 \[ERROR\] bad.json:6:11: apps\[1\].script: '\
'script not found : /.*/nope.js$' err
	atf_check grep -qxF 'PM2 [ERROR] bad.json: 3 mistakes' err
	echo '{"script": "sleep", "scrpt": 1}' > warn.json
	atf_check -o inline:'warn.json: 1 app, no mistakes\n' \
	    -e match:'^PM2 \[WARN\] warn.json:1:21: scrpt: .* mean script\?' \
	    pm2ctl validate warn.json
	# what can only be seen of the whole app does not wait for the rest
	echo '{"script": "sleep", "nice": 99, "cron": "61 * * * *"}' > cron.json
	atf_check -s exit:1 -e match:'cron.json:1:29: nice: 99' \
	    -e match:'cron.json:1:41: cron.*: at character 1, in the minute' \
	    pm2ctl validate cron.json
	# of several files all are looked at
	atf_check -s exit:1 -o match:'^warn.json: 1 app' -e ignore \
	    pm2ctl validate bad.json warn.json
	atf_check -s exit:1 -e match:'nope.json: No such file' \
	    pm2ctl validate nope.json
	atf_check -s exit:1 -e match:'no ecosystem file here' pm2ctl validate
	started_nothing
}

validate__json()
{
	pm2_begin
	echo '{"script": "sleep", "port": "x", "scrpt": 1}' > bad.json
	echo '{"script": "sleep"}' > good.json
	atf_check -s exit:1 -o save:out \
	    pm2ctl validate --json bad.json good.json
	atf_check -o inline:'bad.json 1 [(True, 1, 29, "port"), '\
'(False, 1, 34, "scrpt")]\ngood.json 1 []\n' python3 -c '
import json
for f in json.load(open("out")):
    print(f["file"], f["apps"], str([(p["error"], p["line"], p["column"],
        p["key"]) for p in f["problems"]]).replace(chr(39), chr(34)))'
}

validate__standard_input()
{
	pm2_begin
	atf_check -o inline:'-: 1 app, no mistakes\n' sh -c \
	    'echo "{script: \"sleep\"}" | pm2ctl validate -'
	atf_check -o inline:'-: 1 app, no mistakes\n' sh -c \
	    'echo "script: sleep" | pm2ctl validate -'
	atf_check -s exit:1 -e match:'standard input:1:2: expected' sh -c \
	    'echo "{" | tr -d "\n" | pm2ctl validate -'
}

validate__javascript()
{
	pm2_begin
	mkdir cfg
	cat > cfg/a.config.js <<'END'
console.log("a word of its own");
const { port } = require('./port.json');
module.exports = { apps: [{ script: 'sleep', args: 9, port,
    env: { F: () => 1, N: undefined, S: 'x' } }] };
END
	echo '{ "port": 8080 }' > cfg/port.json
	atf_check -o inline:'cfg/a.config.js: 1 app, no mistakes\n' \
	    -e inline:'a word of its own\n' pm2ctl validate cfg/a.config.js
	echo 'export default async () => [{ script: "sleep" }]' \
	    > m.config.mjs
	atf_check -o inline:'m.config.mjs: 1 app, no mistakes\n' \
	    pm2ctl validate m.config.mjs
	echo 'module.exports = () => Promise.resolve({ script: "sleep" })' \
	    > c.config.cjs
	atf_check -o inline:'c.config.cjs: 1 app, no mistakes\n' \
	    pm2ctl validate c.config.cjs
	# the directory says that its .js are modules
	mkdir esm
	echo '{ "type": "module" }' > esm/package.json
	echo 'export default { script: "sleep" }' > esm/ecosystem.config.js
	atf_check -o match:': 1 app, no mistakes' -e ignore \
	    pm2ctl validate esm/ecosystem.config.js
	(cd esm && atf_check -o match:'^ecosystem.config.js: 1 app' \
	    -e ignore pm2ctl validate) || exit 1
}

validate__javascript_mistakes()
{
	pm2_begin
	echo 'throw new Error("of mine")' > t.config.js
	atf_check -s exit:1 -e match:'Error: of mine' \
	    -e match:'t.config.js: node could not evaluate it' \
	    pm2ctl validate t.config.js
	echo 'module.exports = {' > s.config.js
	atf_check -s exit:1 -e match:'SyntaxError' pm2ctl validate s.config.js
	echo 'module.exports = undefined' > u.config.js
	atf_check -s exit:1 -e match:'it exports nothing' \
	    pm2ctl validate u.config.js
	echo 'process.exit(0)' > x.config.js
	atf_check -s exit:1 -e match:'ended before it exported anything' \
	    pm2ctl validate x.config.js
	echo 'process.kill(process.pid, "SIGTERM"); for (;;);' > k.config.js
	atf_check -s exit:1 -e match:'node was ended by SIGTERM' \
	    pm2ctl validate k.config.js
	echo 'module.exports = [{ script: "sleep", port: "x" }]' \
	    > p.config.js
	atf_check -s exit:1 -e match:'p.config.js: apps\[0\].port: x is not' \
	    pm2ctl validate p.config.js
	atf_check -s exit:1 -e match:'there is no node in PATH' \
	    sh -c 'PM=$(command -v pm2ctl); PATH=/nonexistent \
	    "$PM" validate p.config.js'
	# it is not a shell that runs it, whatever its name is
	echo 'module.exports = [{ script: "sleep" }]' \
	    > '$(touch pwned);`touch pwned`.config.js'
	atf_check -o ignore pm2ctl validate '$(touch pwned);`touch pwned`.config.js'
	[ ! -e pwned ] || atf_fail "the name of a file was run"
}

validate__generated()
{
	pm2_begin
	echo '' > mine.js
	pm2ctl generate mine > out || exit 1
	atf_check -o inline:'mine-pm2.json: 1 app, no mistakes\n' \
	    pm2ctl validate mine-pm2.json
}

atf_init_test_cases()
{
	. "$(atf_get_srcdir)/../lib.sh"
	pm2_case validate__examples
	pm2_case validate__tells_all_mistakes
	pm2_case validate__json
	pm2_case validate__standard_input
	pm2_case validate__javascript
	pm2_case validate__javascript_mistakes
	pm2_case validate__generated
}
