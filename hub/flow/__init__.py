"""What happens to a message: receive, read, process, deliver, acknowledge, replay. The only place with control flow."""
