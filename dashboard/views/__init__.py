"""The pages: functions that read a request, call one service or query, and answer."""
