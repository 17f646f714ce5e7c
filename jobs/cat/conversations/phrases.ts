// What people and assistants say in a shop's support chat, in the two languages of its customers. `{…}` is filled in.

export const TOPICS = ["delivery", "invoice", "return", "account", "product", "complaint"] as const;
export type Topic = (typeof TOPICS)[number];
export const LANGUAGES = ["es", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

export const NAMES = {
  first: [
    ...["María", "José", "Luisa", "Andrés", "Camila", "Julián", "Sofía", "Óscar", "Valentina", "Nicolás", "Íñigo"],
    ...["Emma", "Liam", "Aoife", "Noah", "Zoë", "Grace", "Wei", "Amira", "Tomasz", "Björn", "Priya"],
  ],
  last: [
    ...["García", "Rodríguez", "Muñoz", "Peña", "Restrepo", "Ospina", "Ibáñez", "Núñez", "Castaño"],
    ...["O'Neill", "Smith", "Nguyễn", "Müller", "Kowalska", "Haddad", "Chen", "D'Souza", "Åkesson"],
  ],
} as const;

/** Topic → what opens a conversation on it. */
export const OPENINGS: Record<Language, Record<Topic, readonly string[]>> = {
  es: {
    delivery: [
      "Hola, mi pedido {order} no ha llegado. ¿Dónde está?",
      "Buenas, el envío {order} dice «entregado», pero no lo tengo 😕",
    ],
    invoice: ["Necesito la factura de {order}, por favor.", "En la factura de {order} me cobraron {amount} de más."],
    return: ["Quiero devolver {product}; no me quedó.", "¿Hasta cuándo puedo devolver el pedido {order}?"],
    account: ["No puedo entrar a mi cuenta 🔐", "¿Cómo cambio la dirección?\nAhora vivo en {city}."],
    product: ["¿Tienen {product} en azul?", "¿Qué diferencia hay entre {product} y el modelo anterior?"],
    complaint: ["Es la tercera vez que escribo. ¡Nadie responde!", 'Me dijeron "en 24 horas", y ya van {days} días.'],
  },
  en: {
    delivery: ["Hi, where is my order {order}?", 'Tracking of {order} says "delivered", but there is nothing here 😕'],
    invoice: ["Could you send me the invoice for {order}?", "I was charged {amount} twice for {order}."],
    return: ["I'd like to return {product}, it doesn't fit.", "How long do I have to send {order} back?"],
    account: ["I can't log in, the code never arrives 🔐", "How do I change my address?\nI live in {city} now."],
    product: ["Do you have {product} in blue?", "What's the difference between {product} and last year's?"],
    complaint: [
      "This is the third time I write, and nobody answers!",
      'I was told "24 hours"; it has been {days} days.',
    ],
  },
};

export const REPLIES: Record<Language, Record<"assistant" | "agent" | "user" | "system", readonly string[]>> = {
  es: {
    assistant: [
      "Entiendo. Déjame revisar el pedido {order}…",
      "Gracias por esperar. Esto es lo que encontré:\n- pedido: {order}\n- total: {amount}\n- ciudad: {city}",
      "Puedo ayudarte con eso, {name}. ¿Me confirmas el correo de la cuenta?",
      "Listo ✅ Recibirás {product} en {days} días hábiles.",
    ],
    agent: [
      "Hola {name}, soy de servicio al cliente. Ya tomé tu caso.",
      "Hice la devolución de {amount}; la verás en {days} días.",
      "Le pedí a la transportadora que repita la entrega en {city}.",
    ],
    user: ["Sí, ese es.", "Gracias 🙏", "No entiendo; ¿me lo explica otra vez?", "ok", "Perfecto, quedo atento."],
    system: ["La conversación fue transferida a un agente.", "Sin respuesta durante {days} minutos."],
  },
  en: {
    assistant: [
      "I see. Let me look at order {order}…",
      "Thanks for waiting. Here is what I found:\n- order: {order}\n- total: {amount}\n- city: {city}",
      "I can help with that, {name}. Which e-mail address is the account under?",
      "Done ✅ {product} will be with you in {days} working days.",
    ],
    agent: [
      "Hi {name}, this is customer service. I have taken your case.",
      "I refunded {amount}; you will see it in {days} days.",
      "I asked the carrier to try again in {city}.",
    ],
    user: ["Yes, that's the one.", "Thanks 🙏", "I don't get it, could you explain again?", "ok", "Great, thank you."],
    system: ["The conversation was handed to an agent.", "No answer for {days} minutes."],
  },
};

export const PRODUCTS = [
  "the “Andes” jacket",
  'a 27" monitor',
  "zapatillas Ñandú, talla 41",
  "un café de Huila, 500 g",
];
export const CITIES = ["Bogotá", "Medellín", "Cali", "Cartagena", "Quito", "Lima", "Madrid", "Dublin"];
