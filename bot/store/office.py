"""Users' second factors and other things of the office."""
