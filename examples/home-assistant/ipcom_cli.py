#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# Takes the place of the Home Assistant integration's own tool: runs ipcom with the same arguments.
import os, sys
os.execvp(os.environ.get("IPCOM_TOOL", "ipcom"), ["ipcom", *sys.argv[1:]])
