import zchat

with zchat.Client("tcp://127.0.0.1:5680", "echo") as me:
    me.join("lobby")
    for message in me.messages():
        if message.text == "stop":
            break
        if message.user != me.user:
            me.say(message.room, message.text)
