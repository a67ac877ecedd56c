# Completion offers what there is, and runs nothing of what it offers.

# Make ./offer: what bash offers for the last of its arguments.
begin()
{
	pm2_begin
	pm2ctl completion bash > bash_completion
	cat > offer <<'END'
#!/usr/bin/env bash
source ./bash_completion
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
compopt() { echo "compopt $*"; }
_pm2ctl
[ ${#COMPREPLY[@]} -eq 0 ] || printf "%s\n" "${COMPREPLY[@]}"
END
	chmod +x offer
}

completion__offers_commands_and_options()
{
	begin
	atf_check -o match:'^start$' -o match:'^status$' ./offer pm2ctl st
	atf_check -o inline:'--lines\n' ./offer pm2ctl logs --lin
	atf_check -o inline:'bash\n' ./offer pm2ctl completion b
	atf_check -o match:'compopt' ./offer pm2ctl start ''
	atf_check -o match:'compopt' ./offer pm2ctl apply ''
	atf_check ./offer pm2ctl start --name ''
	# no pm2d: nothing to offer, none is started
	atf_check ./offer pm2ctl describe ''
	[ ! -e "$PM2_HOME/pm2d.sock" ] || atf_fail "a daemon was started"
}

completion__offers_apps_and_runs_none()
{
	begin
	pm2ctl start sleep -n api -- 1000 > /dev/null || exit 1
	pm2ctl start sleep -f -n '$(touch pwned) `touch pwned`' -- 1000 \
	    > /dev/null || exit 1
	atf_check -o inline:'api\nall\n' sh -c \
	    'pm2ctl completion words | grep "^a" | sort -r'
	./offer pm2ctl stop '' > out
	cat out
	atf_check grep -qx all out
	atf_check grep -qx api out
	atf_check grep -qx 1 out
	atf_check grep -qF '\$\(touch\ pwned\)' out
	atf_check -o inline:'api\n' ./offer pm2ctl -s why ap
	[ ! -e pwned ] || atf_fail "the name of an app was run"
}

completion__is_read_by_zsh()
{
	pm2_begin
	command -v zsh > /dev/null || atf_skip "no zsh here"
	pm2ctl completion zsh > zsh_completion
	atf_check zsh -n zsh_completion
	atf_check -o inline:'_pm2ctl\n' zsh -fc 'autoload -U compinit
	    compinit -u -d ./dump; source ./zsh_completion
	    print $_comps[pm2ctl]'
	SHELL=/bin/zsh pm2ctl completion > again
	atf_check cmp zsh_completion again
	SHELL=/bin/sh atf_check -s exit:1 -e match:'bash or zsh' \
	    pm2ctl completion
}

atf_init_test_cases()
{
	. "$(atf_get_srcdir)/../lib.sh"
	pm2_case completion__offers_commands_and_options
	pm2_case completion__offers_apps_and_runs_none
	pm2_case completion__is_read_by_zsh
}
