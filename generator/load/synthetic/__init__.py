from generator.load.synthetic.synthesize import synthesize as synthesize
