"""What the integration tests stand on: an independent ZCHAT/1, by pyzmq and the page alone."""
