#!/usr/bin/env python3
# pm2ctl start echo.py
import time

while True:
    print("ok from python", flush=True)
    time.sleep(1)
