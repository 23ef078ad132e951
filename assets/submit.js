// Sends the answer on. Without scripts there is a button.
document.getElementById("submit").submit();
