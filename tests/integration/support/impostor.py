"""A broker that means harm to terminals: every text in its answers is the same poison."""

import json
import struct
import threading

import zmq

from .wait import DEADLINE

