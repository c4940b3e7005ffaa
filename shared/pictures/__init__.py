"""Pictures that people send: judged by their content, drawn anew, nothing hidden in them kept."""
