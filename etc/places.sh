#!/bin/sh
#
# places.sh install|uninstall example sysconfdir rundir vardir: as root, what
# the system's pm2d needs beside its programs: directories, and pm2d.conf
# where there is none yet.  Back again goes only what is as it was made: no
# pm2d.conf that somebody has changed, no state, no logs.  SYSPLACES=no (and
# SYSUSER=no) is for a copy that is not to be the system's.

set -eu

[ "$(id -u)" -eq 0 ] || exit 0
[ "${SYSUSER:-yes}" = yes ] && [ "${SYSPLACES:-yes}" = yes ] || exit 0
what=$1 example=$2 conf=$3/pm2d.conf run=$4/pm2d state=$5/lib/pm2d log=$5/log/pm2

# made mode directory: what is there already stays as it is
made()
{
	[ -d "$2" ] || {
		mkdir -p "$2"
		chmod "$1" "$2"
	}
}

case $what in
install)
	made 755 "$run"
	made 700 "$state"
	made 755 "$log"
	if [ -e "$conf" ]; then
		echo "$conf is there, and stays"
	else
		mkdir -p "$3"
		cp "$example" "$conf"
		chmod 644 "$conf"
		echo "$conf made: it permits nobody anything until you say so"
	fi ;;
uninstall)
	if cmp -s "$example" "$conf"; then
		rm -f "$conf"
	elif [ -e "$conf" ]; then
		echo "$conf was changed, and stays"
	fi
	for dir in "$run" "$state" "$log"; do
		rmdir "$dir" 2>/dev/null || [ ! -e "$dir" ] ||
		    echo "$dir is not empty, and stays"
	done ;;
*)
	exit 1 ;;
esac
