# SPDX-License-Identifier: MIT
"""The parts of the simulated Meshtastic node: wire format, model, radio, sessions, console."""
