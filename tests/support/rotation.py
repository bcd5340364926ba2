"""Which part of the long tests this run takes: a seventh of them, the others on the next six days. LOCKSTEP_WHOLE=1 takes all;
LOCKSTEP_DAY=N, days since 1970, takes those of that day."""
import os
import time
import zlib


def is_due(name):
    if os.environ.get("LOCKSTEP_WHOLE"):
        return True
    day = int(os.environ.get("LOCKSTEP_DAY") or time.time() // 86400)
    return (zlib.crc32(name.encode()) + day) % 7 == 0
