# SPDX-License-Identifier: MIT
"""The parts of the PPCS simulator: wire formats, channels, camera, servers, relays, console."""
