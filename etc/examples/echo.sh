#!/bin/bash
# pm2ctl start echo.sh
while :; do
	echo "ok from sh"
	sleep 1
done
